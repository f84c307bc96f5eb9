package ip

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// A global is an option before the object. The first row of a tool's table
// that a word is a beginning of is meant.
type global struct {
	name    string
	exact   bool // no abbreviation is taken
	value   bool // a word follows, which set gets
	missing bool // without it the line is not complete; otherwise the usage text is the answer
	equals  bool // a value may stand behind "="
	set     func(a *args, v string)
}

// globals reads the options before the object. Behind -V nothing matters.
func (a *args) globals(t *tool) {
	for !a.g.version {
		w, ok := globalWord(a)
		if !ok {
			return
		}
		o, v := t.findGlobal(w)
		switch {
		case o == nil:
			a.failf(exitUsage, `Option "`, w, `" is unknown, try "`+t.hint+`".`)
		case o.value && !o.missing && !a.more():
			a.fail(t.usage(exitUsage))
		case o.value:
			v = a.next()
		}
		if a.err != nil {
			return
		}
		o.set(a, v)
	}
}

// globalWord takes the next word if it is an option; of two dashes one is left.
func globalWord(a *args) (w string, ok bool) {
	w = a.peek()
	if w == "" || w[0] != '-' {
		return "", false
	}
	a.next()
	if len(w) > 1 && w[1] == '-' {
		w = w[1:]
		if w == "-" {
			return "", false
		}
	}
	return w, true
}

// findGlobal returns the row that a word means, with what stands behind "=".
func (t *tool) findGlobal(word string) (*global, string) {
	for i := range t.globals {
		o := &t.globals[i]
		w, v := word, ""
		if o.equals {
			w, v, _ = strings.Cut(word, "=")
			if !validColor(v) && w != word {
				continue
			}
		}
		if w == o.name || !o.exact && matches(w, o.name) {
			return o, v
		}
	}
	return nil, ""
}

// ipGlobals are the options of ip.
var ipGlobals = []global{
	{name: "-loops", value: true, set: setLoops},
	{name: "-family", value: true, set: setFamily},
	{name: "-4", exact: true, set: setInet},
	{name: "-6", exact: true, set: setInet6},
	{name: "-0", exact: true, set: setLink},
	{name: "-M", exact: true, set: setMPLS},
	{name: "-B", exact: true, set: setBridge},
	{name: "-human", set: setHuman},
	{name: "-human-readable", set: setHuman},
	{name: "-iec", set: setIEC},
	{name: "-stats", set: setStats},
	{name: "-statistics", set: setStats},
	{name: "-details", set: setDetails},
	{name: "-resolve", set: setResolve},
	{name: "-oneline", set: setOneline},
	{name: "-timestamp", set: setStamp},
	{name: "-tshort", set: setShortStamp},
	{name: "-Version", set: setVersion},
	{name: "-force", set: setForce},
	{name: "-batch", value: true, set: setBatch},
	{name: "-brief", set: setBrief},
	{name: "-json", set: setJSON},
	{name: "-pretty", set: setPretty},
	{name: "-rcvbuf", value: true, set: setRcvbuf},
	{name: "-color", equals: true, set: setColor},
	{name: "-help", set: setHelp},
	{name: "-netns", value: true, missing: true, set: setNetns},
	{name: "-Numeric", set: setNumeric},
	{name: "-all", set: setAll},
	{name: "-echo", exact: true, set: setEcho},
}

func setInet(a *args, _ string)       { a.g.family = unix.AF_INET }
func setInet6(a *args, _ string)      { a.g.family = unix.AF_INET6 }
func setLink(a *args, _ string)       { a.g.family = unix.AF_PACKET }
func setMPLS(a *args, _ string)       { a.g.family = unix.AF_MPLS }
func setBridge(a *args, _ string)     { a.g.family = unix.AF_BRIDGE }
func setHuman(a *args, _ string)      { a.g.human = true }
func setIEC(a *args, _ string)        { a.g.iec = true }
func setStats(a *args, _ string)      { a.g.stats++ }
func setDetails(a *args, _ string)    { a.g.details++ }
func setResolve(a *args, _ string)    { a.g.resolve++ }
func setOneline(a *args, _ string)    { a.g.oneline = true }
func setStamp(a *args, _ string)      { a.g.stamp = true }
func setShortStamp(a *args, _ string) { a.g.stamp, a.g.shortTS = true, true }
func setVersion(a *args, _ string)    { a.g.version = true }
func setForce(a *args, _ string)      { a.g.force = true }
func setBatch(a *args, v string)      { a.g.batch, a.g.batched = v, true }
func setBrief(a *args, _ string)      { a.g.brief = true }
func setJSON(a *args, _ string)       { a.g.json = true }
func setPretty(a *args, _ string)     { a.g.pretty = true }
func setNumeric(a *args, _ string)    { a.g.numeric = true }
func setAll(a *args, _ string)        { a.g.all = true }
func setEcho(a *args, _ string)       { a.g.echo = true }
func setRanges(a *args, _ string)     { a.g.ranges = true }
func setHelp(a *args, _ string)       { a.fail(a.tool.usage(exitUsage)) }

// setLoops takes what is no number for 0, as atoi(3) does.
func setLoops(a *args, v string) { a.g.loops, _ = strconv.Atoi(v) }

func setRcvbuf(a *args, v string) {
	if _, ok := parseUint(v, 32); !ok {
		a.failf(exitUsage, "Invalid rcvbuf size '", v, "'")
	}
}

func setNetns(a *args, v string) {
	if a.g.netns = v; v == "" {
		a.failf(exitUsage, `Cannot open network namespace "": No such file or directory`)
	}
}

func setFamily(a *args, v string) {
	switch v {
	case "inet":
		a.g.family = unix.AF_INET
	case "inet6":
		a.g.family = unix.AF_INET6
	case "link":
		a.g.family = unix.AF_PACKET
	case "mpls":
		a.g.family = unix.AF_MPLS
	case "bridge":
		a.g.family = unix.AF_BRIDGE
	case "help":
		a.fail(a.tool.usage(exitUsage))
	default:
		a.wrong(v, "invalid protocol family")
	}
}

// setColor takes -color, and -color=always|auto|never.
func setColor(a *args, v string) { a.g.color = v != "never" && (v != "auto" || cli.IsTerminal(1)) }

func validColor(v string) bool { return v == "always" || v == "auto" || v == "never" }
