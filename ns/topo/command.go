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
	var l cmdline
	switch s.Op {
	case OpNetns:
		return string(l.w("ip", "netns", "add", s.NS))
	case OpSysctl:
		return string(l.inside(s.NS).w("sysctl", "-qw", s.Sysctl.Key+"="+s.Sysctl.Value))
	case OpService:
		return string(l.inside(s.NS).w(s.Service.Argv...)) + " &"
	}
	l = l.w("ip")
	if s.NS != "" {
		l = l.w("-n", s.NS)
	}
	switch s.Op {
	case OpDelLink:
		l = l.w("link", "del").link("dev", s.Link.Name)
	case OpAddLink:
		l = s.addLink(l)
	case OpSetLink:
		l = s.setLink(l)
	case OpAddAddr:
		l = l.w("addr", "add", s.Addr.String())
		if s.Addr.hasBroadcast() {
			l = l.w("brd", "+")
		}
		l = l.w("dev", s.Link.Name)
	case OpAddRoute:
		l = s.addRoute(l)
	}
	return string(l)
}

// ScriptLine returns the line that stands for the step in a script: Command,
// but that a service's input and output are nobody's, that it outlives the
// script, and that an applet of rawns is looked for by the name of rawns.
func (s *Step) ScriptLine() string {
	if s.Op != OpService {
		return s.Command()
	}
	l := cmdline("setsid").inside(s.NS)
	if s.Service.Self {
		l = l.w("rawns")
	}
	return string(l.w(s.Service.Argv...)) + " </dev/null >/dev/null 2>&1 &"
}

// cmdline is a command line that is put together word by word.
type cmdline []byte

func (l cmdline) w(words ...string) cmdline {
	for _, w := range words {
		if len(l) > 0 {
			l = append(l, ' ')
		}
		l = append(l, shellWord(w)...)
	}
	return l
}

func (l cmdline) n(word string, n uint32) cmdline {
	return l.w(word, strconv.FormatUint(uint64(n), 10))
}

func (l cmdline) inside(space string) cmdline {
	if space == "" {
		return l
	}
	return l.w("ip", "netns", "exec", space)
}

// link is a link's name, with its keyword where the tool would take the name for
// an abbreviation of another keyword.
func (l cmdline) link(word, name string) cmdline {
	for _, k := range ipLinkWords {
		if strings.HasPrefix(k, name) {
			return l.w(word, name)
		}
	}
	return l.w(name)
}

// ipLinkWords are the keywords of iproute2's "ip link set".
var ipLinkWords = [...]string{"up", "down", "name", "index", "link", "address", "broadcast", "brd", "txqueuelen", "txqlen", "qlen", "mtu",
	"netns", "multicast", "allmulticast", "promisc", "trailers", "arp", "carrier", "vf", "master", "vrf", "nomaster", "dynamic", "type",
	"alias", "group", "mode", "state", "numtxqueues", "numrxqueues", "addrgenmode", "link-netns", "link-netnsid", "dev", "help", "protodown",
	"protodown_reason", "gso_max_size", "gso_max_segs", "gso_ipv4_max_size", "gro_max_size", "gro_ipv4_max_size", "parentdev", "xdp",
	"xdpgeneric", "xdpdrv", "xdpoffload"}

// netns: the shell's own process id stands for its namespace.
func (l cmdline) netns(space string) cmdline {
	if space == "" {
		return append(l, " netns $$"...)
	}
	return l.w("netns", space)
}

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
			b = append(b, `'\''`...)
		case n > 0:
			b = append(b, w[i:i+n]...)
		case c == '\n':
			b = append(b, c)
		default:
			b = append(b, `'"$(printf '\`...)
			b = append(b, '0'+c>>6, '0'+c>>3&7, '0'+c&7)
			b = append(b, `')"'`...)
		}
		i += max(n, 1)
	}
	return string(append(b, '\''))
}

// birth is what the message that makes a link says of it: see planner.birth.
func (l cmdline) birth(s *Step, k *Link) cmdline {
	if k.mtuAtBirth() {
		l = l.n("mtu", k.MTU)
	}
	if k.MAC != nil {
		l = l.w("address", string(nl.AppendMAC(nil, k.MAC)))
	}
	if k.Queue != 0 {
		l = l.n("txqueuelen", k.Queue)
	}
	if s.set&setQueues != 0 {
		l = l.w("numtxqueues", "1", "numrxqueues", "1")
	}
	if k.Master != "" && k.NS == s.NS && k != s.peer {
		l = l.w("master", k.Master)
	}
	if k.NS != s.NS {
		l = l.netns(k.NS)
	}
	return l
}

func (s *Step) addLink(l cmdline) cmdline {
	k := s.Link
	kind := kindOf(k.Kind)
	l = l.w("link", "add")
	if kind.lower == "link" {
		l = l.w("link", k.Lower.Name)
	}
	if kind.lower == "link" {
		l = l.w("name", k.Name)
	} else {
		l = l.link("name", k.Name)
	}
	if s.set&setUp != 0 {
		l = l.w("up")
	}
	l = l.birth(s, k).w("type", k.Kind).options(kind.rows, k.Options)
	if kind.lower == "dev" && k.Lower != (End{}) {
		l = l.w("dev", k.Lower.Name)
	}
	if s.peer != nil {
		l = l.w("peer", "name", s.peer.Name).birth(s, s.peer)
	}
	if k.Master != "" && k.NS != s.NS {
		// The message has the master's index in the link's namespace; the tool
		// would look for its name in the one where it works.
		l = append(l, "; ip"...)
		if k.NS != "" {
			l = l.w("-n", k.NS)
		}
		l = l.w("link", "set").link("dev", k.Name).w("master", k.Master)
	}
	return l
}

func (s *Step) setLink(l cmdline) cmdline {
	k := s.Link
	l = l.w("link", "set").link("dev", k.Name)
	if s.set&setMTU != 0 {
		l = l.n("mtu", k.MTU)
	}
	if s.set&setMAC != 0 {
		l = l.w("address", string(nl.AppendMAC(nil, k.MAC)))
	}
	if s.set&setQueue != 0 {
		l = l.n("txqueuelen", k.Queue)
	}
	if s.set&setAlias != 0 {
		l = l.w("alias", k.Alias)
	}
	if s.set&setMaster != 0 {
		l = l.w("master", k.Master)
	}
	if s.set&setAddrGen != 0 {
		l = l.w("addrgenmode", k.AddrGen)
	}
	if s.set&setUp != 0 {
		l = l.w("up")
	}
	if s.set&setDown != 0 {
		l = l.w("down")
	}
	if s.set&setOptions != 0 {
		l = l.w("type", k.Kind).options(kindOf(k.Kind).rows, k.Options)
	}
	if s.set&setPort != 0 {
		l = l.w("type", "bridge_slave").options(portOptions, k.Port)
	}
	return l
}

func (s *Step) addRoute(l cmdline) cmdline {
	r := s.Route
	if len(r.Dst.IP) == 16 && r.Dst.Bits == 0 {
		// "default" alone is IPv4's.
		l = append(cmdline("ip -6"), l[len("ip"):]...)
	}
	l = l.w("route", "add")
	if r.Type != "unicast" {
		l = l.w(r.Type)
	}
	if r.Dst.Bits == 0 {
		l = l.w("default")
	} else {
		l = l.w(r.Dst.String())
	}
	if r.Via != nil {
		l = l.w("via")
		if len(r.Via) != len(r.Dst.IP) {
			if len(r.Via) == 16 {
				l = l.w("inet6")
			} else {
				l = l.w("inet")
			}
		}
		l = l.w(string(nl.AppendIP(nil, r.Via)))
	}
	if r.Dev != "" {
		l = l.w("dev", r.Dev)
	}
	if r.Src != nil {
		l = l.w("src", string(nl.AppendIP(nil, r.Src)))
	}
	if r.Metric != 0 {
		l = l.n("metric", r.Metric)
	}
	if r.Table != 0 {
		l = l.n("table", r.Table)
	}
	if r.MTU != 0 {
		l = l.n("mtu", r.MTU)
	}
	if r.OnLink {
		l = l.w("onlink")
	}
	return l
}
