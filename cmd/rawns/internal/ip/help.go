//go:build !tiny

package ip

import (
	"strings"

	"rawns/cmd/rawns/internal/cli"
)

// Help returns the long help for words such as "link vxlan", "route" or none,
// behind the name of a tool; "" if they name nothing. It is made of the same
// tables as the usage texts, with what each row does.
func Help(name string, words []string) string {
	t := findTool(name)
	if t == nil {
		return ""
	}
	o := &cli.Out{}
	if len(words) == 0 {
		o.S(t.usage(0).text, "\n\nObjects (\"rawns help ", t.name, " OBJECT\" tells more):\n")
		for i := range t.objects {
			if ob := &t.objects[i]; ob.cmds != nil {
				o.S("  ").Left(ob.name, 14).S(ob.brief).NL()
			}
		}
		return strings.TrimRight(string(o.B), "\n")
	}
	ob := t.object(words[0])
	if ob == nil || ob.cmds == nil {
		return ""
	}
	if len(words) > 1 {
		k := findKind(words[len(words)-1])
		if k == nil || ob.cmds != &linkCommands || !k.long(o) {
			if ob.cmds.find(words[1]) == nil {
				return ""
			}
			ob.cmds.help(o, ob.brief)
		}
	} else {
		ob.cmds.help(o, ob.brief)
	}
	return strings.TrimRight(string(o.B), "\n")
}

// help appends what the object is for, its commands, and all keywords of them.
func (c *commands) help(o *cli.Out, brief string) {
	o.S(c.name, ": ", brief, "\n\n")
	c.appendCommands(o)
	o.S("\n\n")
	for i := range c.rows {
		if r := &c.rows[i]; r.about != "" {
			appendHelp(o, r.name, r.about)
		}
	}
	for _, t := range c.tables() {
		o.S("\n", t.title(), ":\n")
		t.help(o)
	}
	if c.where != nil {
		c.where(o)
	}
}

// long appends what a kind of link takes; false if it takes nothing.
func (k *kind) long(o *cli.Out) bool {
	if k.opts == nil {
		return false
	}
	name := "[ ARGS ]"
	o.S("Usage: ip link { add | set | change } ... type ", k.name, " ", name, "\n\nARGS:\n")
	k.opts.help(o)
	for _, t := range k.also {
		t.help(o)
	}
	return true
}

// help appends a line for each row.
func (t *table) help(o *cli.Out) {
	for i := range t.rows {
		r := &t.rows[i]
		head := r.name
		if r.arg != "" {
			head += " " + r.arg
		}
		appendHelp(o, head, r.about)
	}
}

// A helpText is what help tells of a keyword or a command; the tiny variant has none.
type helpText = string

func helps(s string) helpText { return s }

// appendHelp appends "head   about", on two lines if head is long.
func appendHelp(o *cli.Out, head, about string) {
	const width = 28
	o.S("  ")
	switch {
	case about == "":
		o.S(head)
	case len(head) < width:
		o.Left(head, width).S(about)
	default:
		o.S(head, "\n", strings.Repeat(" ", width+2), about)
	}
	o.NL()
}
