package topo

import (
	"strconv"
	"strings"

	"rawns/nl"
)

// Command returns what a person would type for the step: one line for a
// shell, each word quoted that needs it. It holds no control bytes but line
// feeds, inside quotes.
func (s *Step) Command() string {
	l := new(cmdline)
	switch s.Op {
	case OpNetns:
		l.w("ip", "netns", "add", s.NS)
		return string(l.b)
	case OpSysctl:
		l.inside(s.NS)
		l.w("sysctl", "-qw", s.Sysctl.Key+"="+s.Sysctl.Value)
		return string(l.b)
	case OpService:
		l.inside(s.NS)
		l.w(s.Service.Argv...)
		return string(l.b) + " &"
	}
	l.w("ip")
	// "default" alone is IPv4's.
	if s.Op == OpAddRoute && len(s.Route.Dst.IP) == 16 && s.Route.Dst.Bits == 0 {
		l.w("-6")
	}
	l.pair("-n", s.NS)
	switch s.Op {
	case OpDelLink:
		l.w("link", "del")
		l.link("dev", s.Link.Name)
	case OpAddLink:
		s.addLink(l)
	case OpSetLink:
		s.setLink(l)
	case OpAddAddr:
		l.w("addr", "add", s.Addr.String())
		if s.Addr.hasBroadcast() {
			l.w("brd", "+")
		}
		l.w("dev", s.Link.Name)
		if s.set&setNoDAD != 0 {
			l.w("nodad")
		}
	case OpAddRoute:
		s.addRoute(l)
	}
	return string(l.b)
}

// ScriptLine returns the line that stands for the step in a script: Command,
// but that a service's input and output are nobody's, that it outlives the
// script, and that an applet of rawns is looked for by the name of rawns.
func (s *Step) ScriptLine() string {
	if s.Op != OpService {
		return s.Command()
	}
	l := new(cmdline)
	l.w("setsid")
	l.inside(s.NS)
	if s.Service.Self {
		l.w("rawns")
	}
	l.w(s.Service.Argv...)
	return string(l.b) + " </dev/null >/dev/null 2>&1 &"
}

// cmdline is a command line that is put together word by word.
type cmdline struct{ b []byte }

//go:noinline
func (l *cmdline) w(words ...string) {
	for _, w := range words {
		if len(l.b) > 0 {
			l.b = addC(l.b, ' ')
		}
		l.b = addS(l.b, shellWord(w))
	}
}

// number appends a word and a number, unless that is 0: not asked for.
//
//go:noinline
func (l *cmdline) number(word string, n uint32) {
	if n != 0 {
		l.w(word, strconv.FormatUint(uint64(n), 10))
	}
}

// pair appends a word and its value, unless that is "": not asked for.
//
//go:noinline
func (l *cmdline) pair(word, value string) {
	if value != "" {
		l.w(word, value)
	}
}

func (l *cmdline) inside(space string) {
	if space != "" {
		l.w("ip", "netns", "exec", space)
	}
}

// link is a link's name, with its keyword where the tool would take the name for
// an abbreviation of another keyword.
func (l *cmdline) link(word, name string) {
	for _, k := range ipLinkWords {
		if strings.HasPrefix(k, name) {
			l.w(word)
			break
		}
	}
	l.w(name)
}

// ipLinkWords are the keywords of iproute2's "ip link set".
var ipLinkWords = [...]string{"up", "down", "name", "index", "link", "address", "broadcast", "brd", "txqueuelen", "txqlen", "qlen", "mtu",
	"netns", "multicast", "allmulticast", "promisc", "trailers", "arp", "carrier", "vf", "master", "vrf", "nomaster", "dynamic", "type",
	"alias", "group", "mode", "state", "numtxqueues", "numrxqueues", "addrgenmode", "link-netns", "link-netnsid", "dev", "help", "protodown",
	"protodown_reason", "gso_max_size", "gso_max_segs", "gso_ipv4_max_size", "gro_max_size", "gro_ipv4_max_size", "parentdev", "xdp",
	"xdpgeneric", "xdpdrv", "xdpoffload"}

// shellWord returns a word as a shell reads it.
func shellWord(w string) string {
	plain := w != ""
	for i := 0; i < len(w) && plain; i++ {
		switch c := w[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-' || c == '_' || c == '.' || c == '/' || c == ':' || c == ',' || c == '=' || c == '+' || c == '@' || c == '%':
		default:
			plain = false
		}
	}
	if plain {
		return w
	}
	// What could steer a terminal is left to printf, in octal.
	b := []byte{'\''}
	for i := 0; i < len(w); {
		n := printable(w[i:])
		switch c := w[i]; {
		case c == '\'':
			b = addS(b, `'\''`)
		case n > 0 || c == '\n':
			b = addS(b, w[i:i+max(n, 1)])
		default:
			b = addS(b, `'"$(printf '\`+string([]byte{'0' + c>>6, '0' + c>>3&7, '0' + c&7})+`')"'`)
		}
		i += max(n, 1)
	}
	return string(addC(b, '\''))
}

// birth is what the message that makes a link says of it: see planner.birth.
func (l *cmdline) birth(s *Step, k *Link) {
	if k.mtuAtBirth() {
		l.number("mtu", k.MTU)
	}
	l.mac(k)
	l.number("txqueuelen", k.Queue)
	if s.set&setQueues != 0 {
		l.w("numtxqueues", "1", "numrxqueues", "1")
	}
	if k.NS == s.NS {
		if k != s.peer {
			l.pair("master", k.Master)
		}
	} else if l.pair("netns", k.NS); k.NS == "" {
		l.b = addS(l.b, " netns $$") // the shell's own process id stands for its namespace
	}
}

func (l *cmdline) mac(k *Link) {
	if k.MAC != nil {
		l.w("address", string(nl.AppendMAC(nil, k.MAC)))
	}
}

func (s *Step) addLink(l *cmdline) {
	k := s.Link
	kind := kindOf(k.Kind)
	l.w("link", "add")
	if kind.lower == "link" {
		l.w("link", k.Lower.Name, "name", k.Name)
	} else {
		l.link("name", k.Name)
	}
	if s.set&setUp != 0 {
		l.w("up")
	}
	l.birth(s, k)
	l.w("type", k.Kind)
	l.options(kind.rows, k.Options)
	if kind.lower == "dev" {
		l.pair("dev", k.Lower.Name)
	}
	if s.peer != nil {
		l.w("peer", "name", s.peer.Name)
		l.birth(s, s.peer)
	}
	if k.Master != "" && k.NS != s.NS {
		// The message has the master's index in the link's namespace; the tool
		// would look for its name in the one where it works.
		l.b = addS(l.b, "; ip")
		l.pair("-n", k.NS)
		l.w("link", "set")
		l.link("dev", k.Name)
		l.w("master", k.Master)
	}
}

func (s *Step) setLink(l *cmdline) {
	k := s.Link
	l.w("link", "set")
	l.link("dev", k.Name)
	if s.set&setMTU != 0 {
		l.number("mtu", k.MTU)
	}
	if s.set&setMAC != 0 {
		l.mac(k)
	}
	if s.set&setQueue != 0 {
		l.number("txqueuelen", k.Queue)
	}
	if s.set&setAlias != 0 {
		l.w("alias", k.Alias)
	}
	if s.set&setMaster != 0 {
		l.w("master", k.Master)
	}
	if s.set&setAddrGen != 0 {
		l.w("addrgenmode", k.AddrGen)
	}
	if s.set&setUp != 0 {
		l.w("up")
	}
	if s.set&setDown != 0 {
		l.w("down")
	}
	if s.set&setOptions != 0 {
		l.w("type", k.Kind)
		l.options(kindOf(k.Kind).rows, k.Options)
	}
	if s.set&setPort != 0 {
		l.w("type", "bridge_slave")
		l.options(portOptions, k.Port)
	}
}

func (s *Step) addRoute(l *cmdline) {
	r := s.Route
	l.w("route", "add")
	if r.Type != "unicast" {
		l.w(r.Type)
	}
	if r.Dst.Bits == 0 {
		l.w("default")
	} else {
		l.w(r.Dst.String())
	}
	if r.Via != nil {
		l.w("via")
		switch {
		case len(r.Via) == len(r.Dst.IP):
		case len(r.Via) == 16:
			l.w("inet6")
		default:
			l.w("inet")
		}
		l.w(string(nl.AppendIP(nil, r.Via)))
	}
	l.pair("dev", r.Dev)
	if r.Src != nil {
		l.w("src", string(nl.AppendIP(nil, r.Src)))
	}
	l.number("metric", r.Metric)
	l.number("table", r.Table)
	l.number("mtu", r.MTU)
	if r.OnLink {
		l.w("onlink")
	}
}
