//go:build !tiny

package ip

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// tools are the programs that the package is.
var tools = [...]*tool{&ipTool, &bridgeTool}

func findTool(name string) *tool {
	for _, t := range tools {
		if t.name == name {
			return t
		}
	}
	return nil
}

// object returns the row that a word is a beginning of.
func (t *tool) object(word string) *object {
	for i := range t.objects {
		if matches(word, t.objects[i].name) {
			return &t.objects[i]
		}
	}
	return nil
}

// Complete returns what the last of the words behind a tool's name may be. All
// of it comes from the tables: keywords from the rows and from the usage of
// commands, what follows them from how the usage writes it (DEVICE, NAME).
func Complete(name string, words []string) []string {
	t := findTool(name)
	if t == nil || len(words) == 0 {
		return nil
	}
	c := &completion{t: t, g: &globals{}}
	words = c.options(words)
	if len(words) == 0 {
		return c.found // an option, or its value
	}
	last := words[len(words)-1]
	if len(words) == 1 {
		for i := range t.objects {
			if o := &t.objects[i]; o.cmds != nil || o.name == "help" {
				c.found = append(c.found, o.name)
			}
		}
		return begin(c.found, last)
	}
	o := t.object(words[0])
	if o == nil || o.cmds == nil {
		return nil
	}
	if len(words) == 2 {
		for i := range o.cmds.rows {
			if r := &o.cmds.rows[i]; !r.quiet {
				c.found = append(c.found, r.name)
			}
		}
		return begin(append(c.found, "help"), last)
	}
	r := o.cmds.find(words[1])
	if r == nil {
		return nil
	}
	c.command(o, r, words[2:len(words)-1])
	return begin(c.found, last)
}

// begin keeps the words that begin with prefix, once each, sorted.
func begin(words []string, prefix string) []string {
	keep := words[:0]
	for _, w := range words {
		if strings.HasPrefix(w, prefix) && cli.Safe(w) == w {
			keep = append(keep, w)
		}
	}
	slices.Sort(keep)
	return slices.Compact(keep)
}

// A completion gathers what a word may be.
type completion struct {
	t     *tool
	g     *globals
	found []string
}

// options skips the options before the object. If the last word is one, or the
// value of one, found is what it may be and nothing is returned.
func (c *completion) options(words []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		w := words[0]
		if len(words) == 1 {
			c.found = begin(c.t.optionNames(), w)
			return nil
		}
		words = words[1:]
		o, _ := c.t.findGlobal(w)
		if o == nil || !o.value {
			continue
		}
		what := ""
		switch o.name {
		case "-netns":
			c.g.netns, what = words[0], "NETNS"
		case "-family":
			what = "inet inet6 mpls bridge link"
		}
		if len(words) == 1 {
			c.value(what)
			c.found = begin(c.found, words[0])
		}
		words = words[1:]
	}
	return words
}

// optionNames returns the options before the object.
func (t *tool) optionNames() (names []string) {
	for i := range t.globals {
		names = append(names, t.globals[i].name)
	}
	return names
}

// command finds what may follow a command and the words behind it.
func (c *completion) command(o *object, r *command, words []string) {
	tables := r.opts
	if i := slices.Index(words, "type"); i >= 0 && o.cmds == &linkCommands {
		if i == len(words)-1 {
			for i := 0; kindAt(i) != nil; i++ {
				if k := kindAt(i); !k.slave || r.typ == unix.RTM_NEWLINK && r.flags == 0 {
					c.found = append(c.found, k.name)
				}
			}
			return
		}
		if i+1 < len(words) && r.opts != nil {
			if k := findKind(words[i+1]); k != nil && k.opts != nil {
				tables = append([]*table{k.opts}, k.also...)
			} else {
				return
			}
		}
	}
	if o.cmds == &statsCommands {
		if c.found = statsNames(words); c.found != nil {
			return
		}
	}
	usage := strings.Fields(r.usage)
	if n := len(words); n > 0 {
		before := words[n-1]
		for _, t := range tables {
			if i := t.find(before); i >= 0 && t.rows[i].arg != "" && t.rows[i].name == before {
				c.value(t.rows[i].arg)
				return
			}
		}
		for i, w := range usage {
			if w != before {
				continue
			}
			if i++; i < len(usage) && usage[i] == "]" { // "[ dev ] DEVICE"
				i++
			}
			if i < len(usage) && isPlaceholder(usage[i]) {
				c.value(usage[i])
				return
			}
		}
	}
	for _, t := range tables {
		for i := range t.rows {
			c.found = append(c.found, t.rows[i].name)
		}
	}
	first := true // a placeholder that no keyword stands before
	for i, w := range usage {
		switch {
		case isPlaceholder(w):
			if first && (i == 0 || !isKeyword(usage[i-1])) {
				if w == "NAME" && o.name == "netns" {
					w = "NETNS"
				}
				c.value(w)
			}
		case isKeyword(w):
			c.found = append(c.found, w)
		}
		first = first && len(words) == 0
	}
	if r.opts == nil && r.usage == "" {
		return
	}
	c.found = append(c.found, "help")
}

// isPlaceholder tells whether a word of a usage text stands for another: NAME.
func isPlaceholder(w string) bool { return len(w) > 1 && w[0] >= 'A' && w[0] <= 'Z' }

// isKeyword tells whether it stands for itself.
func isKeyword(w string) bool { return w != "" && (w[0] >= 'a' && w[0] <= 'z') }

// value adds what a placeholder, or a choice such as "{ on | off }", stands for.
func (c *completion) value(arg string) {
	for _, w := range strings.Fields(arg) {
		switch {
		case isKeyword(w):
			c.found = append(c.found, w)
		case strings.HasPrefix(w, "DEV"), w == "BRIDGE", w == "MASTER", w == "IF", w == "LINK", w == "VRF", w == "BR", w == "BRDEV":
			c.devices()
		case w == "NETNS", strings.HasPrefix(w, "NETNSNAME"):
			names, _ := ns.List()
			c.found = append(c.found, names...)
		}
	}
	if strings.Contains(arg, "PID | NAME") { // of a namespace
		c.value("NETNS")
	}
}

// devices adds the names of all interfaces.
func (c *completion) devices() {
	r := newRunner(c.g, cli.NewOut(nil))
	defer r.close()
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	r.dump(&b, nil, func(m nl.Message) error {
		if l, err := rtnl.ParseLink(m); err == nil {
			c.found = append(c.found, l.Name())
		}
		return nil
	})
}
