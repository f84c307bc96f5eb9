// Package ls is the verb ls of rawns: network namespaces, the links in each,
// where their other ends are, and who keeps each namespace alive.
package ls

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/topo"
)

const usage = `Usage: rawns ls [--all] [--json]

Lists network namespaces: this one, called ".", and those with a name in
` + ns.Dir + `. Each has its links, with the state of each, the other end of a veth in
whichever namespace it is (NS:LINK; LINK alone is in this one), the bridge whose
port it is, and its addresses but for link-local ones; and, if it is not this one,
the processes in it, and those that have it open.

    --all    those without a name, too: of processes, of descriptors and sockets,
             mounted somewhere (container runtimes do that), or known only
             as where a veth leads to
    --json   everything, for programs

As root it shows all; others do not see what processes of others hold.
Exit codes: 0 done; 1 failed; 2 wrong usage.
`

// Run is the applet ls.
func Run(args []string) int {
	var all, json bool
	for _, a := range args[1:] {
		switch a {
		case "-a", "--all":
			all = true
		case "-j", "--json":
			json = true
		case "-h", "--help", "help":
			cli.Stdout.S(usage)
			return 0
		default:
			cli.Fail(2, "rawns ls", `"`, a, `" is no option`)
			cli.Stderr.S(usage[:strings.IndexByte(usage, '\n')+1])
			return 2
		}
	}
	cli.AllCPUs()
	st, err := topo.Observe(topo.ObserveOptions{Nameless: all, Holders: true, Addrs: true})
	if err != nil {
		return cli.Fail(1, "rawns ls", err.Error())
	}
	p := printer{st: st, o: cli.Stdout}
	if json {
		p.json()
		return 0
	}
	for i, sp := range st.Spaces {
		if i > 0 {
			p.o.NL()
		}
		p.space(sp)
	}
	if all && st.Unseen > 0 {
		p.o.NL().S(count(st.Unseen, "process"), " could not be looked into: which namespaces they hold is not known.\n")
	}
	return 0
}

type printer struct {
	st *topo.State
	o  *cli.Out
}

// label is what a namespace is called: "." for this one.
func (p *printer) label(sp *topo.SpaceState) string {
	switch {
	case sp == p.st.Spaces[0]:
		return "."
	case sp.Through != nil:
		return "nsid " + itoa(int64(sp.ThroughID)) + " of " + p.label(sp.Through)
	}
	return sp.Label()
}

// end is what a link is called: bare if it is in this namespace.
//
//go:noinline
func (p *printer) end(l *topo.LinkState) string {
	if l.Space == p.st.Spaces[0] {
		return l.Name
	}
	return p.label(l.Space) + ":" + l.Name
}

//go:noinline
func itoa(n int64) string {
	var b cli.Out
	return string(b.D(n).B)
}

// space prints a namespace.
func (p *printer) space(sp *topo.SpaceState) {
	p.o.Safe(p.label(sp))
	switch {
	case sp == p.st.Spaces[0]:
		p.o.S("  this namespace")
	case sp.Through != nil:
		p.o.S("  no name, and no file leads to it")
	case sp.Name == "":
		p.o.S("  no name")
	}
	for i, a := range sp.Aliases {
		p.o.S([...]string{"  also named ", ", "}[min(i, 1)]).Safe(a)
	}
	p.o.NL()
	p.holders(sp)
	if sp.Err != nil {
		p.o.S("  could not be looked into: ").Safe(sp.Err.Error()).NL()
		return
	}
	rows := make([][3]string, len(sp.Links))
	var wide [3]int
	for i, l := range sp.Links {
		rows[i] = [3]string{cli.Safe(l.Name), State(l), cli.Safe(p.what(l))}
		for k, s := range rows[i] {
			wide[k] = max(wide[k], utf8.RuneCountInString(s))
		}
	}
	for i, l := range sp.Links {
		line := "  "
		for k, s := range rows[i] {
			if wide[k] > 0 {
				line += s + strings.Repeat(" ", min(wide[k], 60)-min(utf8.RuneCountInString(s), min(wide[k], 60))) + "  "
			}
		}
		for j := range l.Addrs {
			if a := &l.Addrs[j]; a.Scope != unix.RT_SCOPE_LINK || l.Flags&unix.IFF_LOOPBACK != 0 {
				line += address(a) + "  "
			}
		}
		p.o.S(strings.TrimRight(line, " ")).NL()
	}
}

// State is a link's state in a word or two.
func State(l *topo.LinkState) string {
	switch {
	case l.Flags&unix.IFF_UP == 0:
		return "down"
	case !l.Carrier:
		return "no carrier"
	}
	return "up"
}

// what is what a link is, and what it is tied to.
func (p *printer) what(l *topo.LinkState) string {
	s := l.Kind
	switch {
	case l.Peer != nil:
		s += " -> " + p.end(l.Peer)
	case l.Lower != nil:
		s += " on " + p.end(l.Lower)
	case l.LinkNSID != ns.NoID && l.LinkIndex != 0:
		// The usual reason is that the namespace has no name, and --all was
		// not asked for.
		s += " -> link " + itoa(int64(l.LinkIndex)) + " of nsid " + itoa(int64(l.LinkNSID))
	}
	if l.Master != nil {
		s += ", port of " + l.Master.Name
		if st := portState(l); st != "" {
			s += " (" + st + ")"
		}
	}
	if l.Kind == "bridge" {
		n := 0
		for _, k := range l.Space.Links {
			if k.Master == l {
				n++
			}
		}
		s += " with " + count(n, "port")
	}
	return strings.TrimPrefix(s, ", ")
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	if what == "process" {
		what += "e"
	}
	return itoa(int64(n)) + " " + what + "s"
}

// portState is the state of a bridge's port, "" for one that forwards, or whose
// state follows from the link's.
func portState(l *topo.LinkState) string {
	st, ok := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_SLAVE_DATA).U8(rtnl.IFLA_BRPORT_STATE)
	if !ok || l.Flags&unix.IFF_UP == 0 || !l.Carrier || l.Master.Flags&unix.IFF_UP == 0 {
		return ""
	}
	switch st { // BR_STATE_, linux/if_bridge.h
	case 0:
		return "disabled"
	case 1:
		return "listening"
	case 2:
		return "learning"
	case 4:
		return "blocking"
	}
	return ""
}

func address(a *topo.AddrState) string {
	s := a.String()
	if a.Peer != nil {
		s = string(nl.AppendIP(nil, a.IP)) + " peer " + topo.Prefix{IP: a.Peer, Bits: a.Bits}.String()
	}
	switch {
	case a.Flags&unix.IFA_F_DADFAILED != 0:
		s += " (duplicate)"
	case a.Flags&unix.IFA_F_TENTATIVE != 0:
		s += " (tentative)"
	}
	return s
}

// maxHolders is how many processes are shown of each namespace.
const maxHolders = 5

// holders prints who keeps a namespace alive: a line for each process, and each
// mount.
func (p *printer) holders(sp *topo.SpaceState) {
	var lines []string
	hidden := 0
	for i := 0; i < len(sp.Holders); {
		h := &sp.Holders[i]
		j := i + 1
		for h.PID != 0 && j < len(sp.Holders) && sp.Holders[j].PID == h.PID {
			j++
		}
		if len(lines) < maxHolders {
			lines = append(lines, holder(sp.Holders[i:j]))
		} else {
			hidden++
		}
		i = j
	}
	if hidden > 0 {
		lines = append(lines, itoa(int64(hidden))+" more")
	}
	if len(lines) == 0 && sp.Name == "" && sp != p.st.Spaces[0] {
		lines = append(lines, "nothing that is seen from here")
	}
	for i, l := range lines {
		p.o.S([...]string{"  held by  ", "           "}[min(i, 1)], l).NL()
	}
}

// holder is a mount, or what one process holds.
func holder(hs []topo.Holder) string {
	h := &hs[0]
	if h.PID == 0 {
		return "the mount " + cli.Safe(h.Path)
	}
	var b cli.Out
	b.S("pid ").D(int64(h.PID))
	sep := " ("
	for i := range hs {
		h := &hs[i]
		n, word := h.FD, "fd "
		switch {
		case h.Socket:
			word = "socket "
		case h.Thread != 0:
			n, word = h.Thread, "thread "
		}
		if n < 0 {
			continue // it is in it
		}
		if i == 4 && len(hs) > 5 {
			b.S(sep).D(int64(len(hs) - i)).S(" more")
			break
		}
		b.S(sep, word).D(int64(n))
		sep = ", "
	}
	if sep == ", " {
		b.C(')')
	}
	return string(b.C(' ').S(clip(cli.Safe(h.Command), 70)).B)
}

// clip cuts a text to at most n characters.
//
//go:noinline
func clip(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "..."
		}
	}
	return s
}

// json prints all that there is, a namespace a line.
func (p *printer) json() {
	j := writer{o: p.o}
	p.o.S("[")
	for i, sp := range p.st.Spaces {
		p.o.S([...]string{"\n  ", ",\n  "}[min(i, 1)])
		j.more = false
		p.jsonSpace(&j, sp)
	}
	p.o.S("\n]\n")
}

func (p *printer) jsonSpace(j *writer, sp *topo.SpaceState) {
	j.open('{')
	j.str("netns", p.label(sp))
	if sp == p.st.Spaces[0] {
		j.bool("here", true)
	}
	if sp.Name != "" {
		j.str("name", sp.Name)
	}
	if len(sp.Aliases) > 0 {
		j.key("aliases").open('[')
		for _, a := range sp.Aliases {
			j.str("", a)
		}
		j.close(']')
	}
	if sp.Path != "" {
		j.str("path", sp.Path)
	}
	if sp.ID.Inode != 0 {
		j.num("inode", int64(sp.ID.Inode))
	}
	if sp.ID.Cookie != 0 {
		j.num("cookie", int64(sp.ID.Cookie))
	}
	if len(sp.Holders) > 0 {
		j.key("holders").open('[')
		for i := range sp.Holders {
			h := &sp.Holders[i]
			j.open('{')
			if h.PID == 0 {
				j.str("mount", h.Path)
			} else {
				j.num("pid", int64(h.PID))
				j.str("command", h.Command)
				if h.Thread != 0 {
					j.num("thread", int64(h.Thread))
				}
				if h.FD >= 0 {
					j.num([...]string{"fd", "socket"}[b2i(h.Socket)], int64(h.FD))
				}
			}
			j.close('}')
		}
		j.close(']')
	}
	if sp.Err != nil {
		j.str("error", sp.Err.Error())
		j.close('}')
		return
	}
	j.key("links").open('[')
	for _, l := range sp.Links {
		p.jsonLink(j, l)
	}
	j.close(']')
	j.close('}')
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *printer) jsonLink(j *writer, l *topo.LinkState) {
	j.open('{')
	j.num("index", int64(l.Index))
	j.str("name", l.Name)
	if l.Kind != "" {
		j.str("kind", l.Kind)
	}
	j.bool("up", l.Flags&unix.IFF_UP != 0)
	j.bool("carrier", l.Carrier)
	j.num("mtu", int64(l.MTU))
	if len(l.MAC) > 0 {
		j.str("address", string(nl.AppendMAC(nil, l.MAC)))
	}
	if l.Group != 0 {
		j.num("group", int64(l.Group))
	}
	if l.Master != nil {
		j.str("master", l.Master.Name)
		if st := portState(l); st != "" {
			j.str("port_state", st)
		}
	}
	far, key := l.Peer, "peer"
	if far == nil && l.Lower != nil {
		far, key = l.Lower, "lower"
	}
	switch {
	case far != nil:
		j.key(key).open('{')
		j.str("netns", p.label(far.Space))
		j.str("name", far.Name)
		j.num("index", int64(far.Index))
		j.close('}')
	case l.LinkNSID != ns.NoID && l.LinkIndex != 0:
		j.key("peer").open('{')
		j.num("nsid", int64(l.LinkNSID))
		j.num("index", int64(l.LinkIndex))
		j.close('}')
	}
	if len(l.Addrs) > 0 {
		j.key("addrs").open('[')
		for i := range l.Addrs {
			a := &l.Addrs[i]
			j.open('{')
			j.str("addr", a.String())
			if a.Peer != nil {
				j.str("peer", string(nl.AppendIP(nil, a.Peer)))
			}
			if a.Flags&unix.IFA_F_TENTATIVE != 0 {
				j.bool("tentative", true)
			}
			if a.Flags&unix.IFA_F_DADFAILED != 0 {
				j.bool("dadfailed", true)
			}
			j.close('}')
		}
		j.close(']')
	}
	j.close('}')
}

// writer writes JSON on one line.
type writer struct {
	o    *cli.Out
	more bool // something stands before: a comma is needed
}

//go:noinline
func (j *writer) comma() {
	if j.more {
		j.o.S(", ")
	}
	j.more = true
}

//go:noinline
func (j *writer) open(c byte) {
	j.comma()
	j.o.C(c)
	j.more = false
}

//go:noinline
func (j *writer) close(c byte) {
	j.o.C(c)
	j.more = true
}

// key begins a member, "" an element.
//
//go:noinline
func (j *writer) key(name string) *writer {
	j.comma()
	if name != "" {
		j.o.S(`"`, name, `": `)
	}
	j.more = false
	return j
}

//go:noinline
func (j *writer) str(key, s string) {
	j.key(key)
	j.o.B = topo.AppendJSON(j.o.B, s)
	j.more = true
}

//go:noinline
func (j *writer) num(key string, n int64) {
	j.key(key)
	j.o.D(n)
	j.more = true
}

//go:noinline
func (j *writer) bool(key string, v bool) {
	j.key(key)
	j.o.S([...]string{"false", "true"}[b2i(v)])
	j.more = true
}
