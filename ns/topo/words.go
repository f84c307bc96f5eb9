package topo

import "strings"

// This file is the vocabulary of topology files: the parser, the writers of both
// forms, the usage texts, completion and the tests of docs/topology.md read it.
// The options of each kind of link, and of bridge ports, are in kinds.go.

// statement is a word that a line can begin with.
type statement struct {
	name  string
	form  form
	kind  string // formLink: the row of kinds
	args  string // what stands behind it at once, at least n words; all of the line if that ends with "..."
	n     int
	wants string // what these words are
	words []keyword
	brief string
}

// all tells whether positional words go on to the line's end.
func (st *statement) all() bool { return strings.HasSuffix(st.args, "...") }

// form says what a line's positional words are.
type form uint8

const (
	formTopology form = iota // one name
	formNetns                // names
	formPool                 // a name and a prefix
	formLink                 // an end; keywords of links, of the kind, and of ports
	formRoute                // perhaps a type, and a prefix
	formSysctl               // KEY=VALUE
	formService              // NS[:PORT] and a command, to the end of the line
)

const theLink = "the link, as NS:LINK, or as LINK if it is the host's"

var statements = [...]statement{
	{"topology", formTopology, "", "NAME", 1, "the topology's name", nil, "the topology's name; without it, the file's, less what follows its last dot"},
	{"netns", formNetns, "", "NAME...", 1, "names of namespaces", nil, "network namespaces"},
	{"pool", formPool, "", "NAME PREFIX", 2, "a name and a network: pool lan 10.0.0.0/16", poolWords, "a network whose addresses are drawn one after the other"},
	{"bridge", formLink, "bridge", "END", 1, theLink, nil, "a bridge"},
	{"veth", formLink, "veth", "END", 1, theLink, nil, "a pair of links: what goes into one end comes out of the other"},
	{"vxlan", formLink, "vxlan", "END", 1, theLink, nil, "a tunnel for Ethernet in UDP"},
	{"macvlan", formLink, "macvlan", "END", 1, theLink, nil, "one more MAC address on another link"},
	{"vlan", formLink, "vlan", "END", 1, theLink, nil, "a VLAN on another link"},
	{"dummy", formLink, "dummy", "END", 1, theLink, nil, "a link that swallows what is sent by it"},
	{"link", formLink, "", "END", 1, theLink, nil, "a link that is there already, as each namespace's lo"},
	{"route", formRoute, "", "[TYPE] PREFIX", 1, "a network, or default", routeWords, "a route; PREFIX may be \"default\", TYPE is unicast, blackhole, unreachable or prohibit"},
	{"sysctl", formSysctl, "", "KEY=VALUE", 1, "KEY=VALUE", netnsWords, "a setting of a namespace, below /proc/sys/net"},
	{"service", formService, "", "NS[:PORT] COMMAND [ARGUMENT]...", 2, "a namespace and a command: service blue:8080 http_server", nil,
		"a program that runs in a namespace; a command that is an applet of rawns is that applet"},
}

// keyword is a word behind which a value stands, if it wants one.
type keyword struct {
	name  string
	value value
	arg   string // what the usage texts call its value
	brief string
}

// value is what kind of value a keyword has, and what of a Link or a Route it
// is: apply.go has a line for each.
type value uint8

const (
	vUp value = iota // no value
	vDown
	vOnLink // no value
	vAddr   // any number of times
	vMaster
	vMTU
	vMAC
	vQueue
	vAddrGen
	vAlias
	vLower  // the link below
	vOption // of the kind: a row of kinds.go
	vPort   // of a bridge port: a row of kinds.go
	vPeer   // the other end, and its keywords
	vVia    // of a route, from here on
	vDev
	vSrc
	vMetric
	vTable
	vRouteMTU
	vNetns
	vFrom // of a pool
	vType // of a route, in JSON
)

// flag tells the keywords that have no value.
func (v value) flag() bool { return v <= vOnLink }

// number tells the keywords whose value JSON writes as a number.
func (v value) number() bool {
	switch v {
	case vMTU, vQueue, vMetric, vTable, vRouteMTU, vOption, vPort:
		return true
	}
	return false
}

var linkWords = []keyword{
	{"up", vUp, "", "brought up: so are all links but those of \"link\""},
	{"down", vDown, "", "left down"},
	{"addr", vAddr, "ADDR/LEN|POOL", "an address with the length of its network, or the next one of a pool; any number of times"},
	{"master", vMaster, "BRIDGE", "the bridge, in the same namespace, whose port it is; the port's options may follow"},
	{"mtu", vMTU, "BYTES", "the largest packet"},
	{"address", vMAC, "MAC", "the MAC address"},
	{"txqueuelen", vQueue, "PACKETS", "the length of the queue"},
	{"addrgenmode", vAddrGen, "MODE", "how IPv6 makes a link-local address: none (no address at all), eui64, stable_secret, random"},
	{"alias", vAlias, "TEXT", "a note that the kernel keeps with the link"},
}

// peerWord parts the two ends of a veth.
var peerWord = keyword{"peer", vPeer, "END", "the other end of a veth; the words behind it are its own"}

// lowerWords are the words for a link below, by their names in kinds.
var lowerWords = []keyword{
	{"link", vLower, "END", "the link below"},
	{"dev", vLower, "LINK", "the link below, in the same namespace"},
}

var routeWords = []keyword{
	{"via", vVia, "ADDR|END", "the gateway; an END stands for its first address"},
	{"dev", vDev, "LINK", "the link by which packets leave"},
	{"src", vSrc, "ADDR", "the source address of packets from here"},
	{"metric", vMetric, "N", "of two routes, the one with the smaller number is taken"},
	{"table", vTable, "N", "the routing table, if not the main one"},
	{"mtu", vRouteMTU, "BYTES", "the largest packet on this route"},
	{"onlink", vOnLink, "", "the gateway can be reached by dev, whatever its address"},
	{"netns", vNetns, "NS", "where the route is; without it, on the host"},
}

var netnsWords = []keyword{{"netns", vNetns, "NS", "whose setting it is; without it, the host's"}}

var poolWords = []keyword{{"from", vFrom, "ADDR", "the first address to be drawn"}}

func statementOf(name string) *statement {
	for i := range statements {
		if statements[i].name == name {
			return &statements[i]
		}
	}
	return nil
}

func findWord(words []keyword, name string) *keyword {
	for i := range words {
		if words[i].name == name {
			return &words[i]
		}
	}
	return nil
}

// option is a keyword as it stands in a line: of the tables above, or of a row
// of kinds.go.
type option struct {
	name  string
	value value
	pos   Pos
	row   *optionRow // vOption, vPort
	vals  []Word     // one; any number for addr, none for flags
}

// lookup finds what a word means behind a statement, or behind its "peer"; nil if
// nothing. In a port's place, right behind "master", an option of ports goes
// before the kind's of the same name.
func (st *statement) lookup(name string, port, peer bool) *option {
	if st.form != formLink {
		return findWord(st.words, name).option()
	}
	k := kindOf(st.kind)
	row := findOption(portOptions, name)
	if !port || row == nil {
		if w := findWord(linkWords, name); w != nil {
			return w.option()
		}
		if k.lower != "" && k.lower == name {
			return &option{name: name, value: vLower}
		}
		if k.name == "veth" && !peer && name == peerWord.name {
			return peerWord.option()
		}
		if r := findOption(k.rows, name); r != nil {
			return &option{name: name, value: vOption, row: r}
		}
	}
	if row == nil {
		return nil
	}
	return &option{name: name, value: vPort, row: row}
}

func (w *keyword) option() *option {
	if w == nil {
		return nil
	}
	return &option{name: w.name, value: w.value}
}

// portLike tells an option of a kind that ports have too: behind "master" it
// would be theirs.
func (o *option) portLike() bool { return o.value == vOption && findOption(portOptions, o.name) != nil }

// ordered returns options in the order in which they are written: those of ports
// behind the master, those of the kind that are called alike before it.
func ordered(opts []*option) []*option {
	out := make([]*option, 0, len(opts))
	for round := range 4 { // what stands before the master, the master, ports' options, others
		seen := false
		for _, o := range opts {
			at := 0
			switch {
			case o.value == vMaster:
				at, seen = 1, true
			case o.value == vPort:
				at = 2
			case seen && !o.portLike():
				at = 3
			}
			if at == round {
				out = append(out, o)
			}
		}
	}
	return out
}

// each calls yield with each word that may follow a statement, or its "peer".
func (st *statement) each(peer bool, yield func(name string, port bool)) {
	for i := range st.words {
		yield(st.words[i].name, false)
	}
	if st.form != formLink {
		return
	}
	k := kindOf(st.kind)
	if k.name == "veth" && !peer {
		yield(peerWord.name, false)
	}
	for i := range linkWords {
		yield(linkWords[i].name, false)
	}
	if k.lower != "" {
		yield(k.lower, false)
	}
	if k.rows != nil {
		for i := range *k.rows {
			yield((*k.rows)[i].name, false)
		}
	}
	for i := range *portOptions {
		yield((*portOptions)[i].name, true)
	}
}

// applets are those of rawns that a service can be: its command is then this
// very program. A test of the program holds them against its table.
var applets = [...]string{"ip", "bridge", "brctl", "ifconfig", "arp", "route", "ping", "ping4", "ping6", "curl", "http_server"}

func isApplet(name string) bool {
	for _, a := range applets {
		if a == name {
			return true
		}
	}
	return false
}
