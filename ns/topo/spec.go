package topo

import (
	"bytes"
	"strconv"

	"rawns/nl"
)

// Spec describes a topology: what a file says once its ranges and pools are
// worked out. "" as a namespace is the one where Apply runs: the host's, or a
// sandbox's. A Spec is read by all that work with it, and changed by none.
type Spec struct {
	Name       string // of the topology; its journal goes by it
	Namespaces []Namespace
	Links      []Link // in the file's order; both ends of a veth, the first one first
	Routes     []Route
	Sysctls    []Sysctl
	Services   []Service
}

// Pos is where in a file something is described; the zero Pos is none.
type Pos struct{ Line, Column int } // both from 1; the column counts bytes

// Namespace is a network namespace that the topology makes.
type Namespace struct {
	Pos  Pos
	Name string
}

// End names a link by its namespace and its name.
type End struct{ NS, Name string }

// String is the end as files spell it: NS:NAME, or NAME for the host's.
//
//go:noinline
func (e End) String() string {
	if e.NS == "" {
		return e.Name
	}
	return e.NS + ":" + e.Name
}

// Link is a link, or one end of a veth.
type Link struct {
	Pos Pos
	End
	Kind    string   // a row of the table in kinds.go: bridge, veth, vxlan, ...; "" for one that is there already (lo)
	Options []Option // of the kind, in the file's order
	Peer    End      // veth: the other end
	Lower   End      // the link below a macvlan, a vlan or a vxlan; the zero End for none
	Master  string   // the bridge, in the same namespace, whose port it is; "" for none
	Port    []Option // as that bridge's port
	MAC     []byte   // nil: the kernel's choice
	MTU     uint32   // bytes; 0: the kernel's choice
	Queue   uint32   // txqueuelen in packets; 0: the kernel's choice
	AddrGen string   // addrgenmode: none, eui64, ...; "": the kernel's choice
	Alias   string
	Down    bool // it is left down; all others are brought up
	Addrs   []Prefix
}

// Option is a word of iproute2's and its value, as they stand in the file:
// {"stp_state", "1"}.
type Option struct{ Name, Value string }

// Prefix is an address with the length of its network; as a route's
// destination, with Bits 0, everything of its family.
type Prefix struct {
	IP   []byte // 4 or 16 bytes, network byte order
	Bits uint8
}

// String is the prefix as a person writes it: 10.1.1.2/16.
//
//go:noinline
func (p Prefix) String() string {
	return string(strconv.AppendUint(append(nl.AppendIP(nil, p.IP), '/'), uint64(p.Bits), 10))
}

// Equal tells whether two prefixes are the same address and length.
//
//go:noinline
func (p Prefix) Equal(q Prefix) bool { return p.Bits == q.Bits && bytes.Equal(p.IP, q.IP) }

// Contains tells whether an address is in the prefix's network.
func (p Prefix) Contains(ip []byte) bool {
	if len(ip) != len(p.IP) || int(p.Bits) > 8*len(ip) {
		return false
	}
	n := int(p.Bits) / 8
	if !bytes.Equal(ip[:n], p.IP[:n]) {
		return false
	}
	rest := p.Bits % 8
	return rest == 0 || (ip[n]^p.IP[n])>>(8-rest) == 0
}

// Route is a route in the main table, or in another one.
type Route struct {
	Pos    Pos
	NS     string
	Type   string // unicast, blackhole, unreachable, prohibit
	Dst    Prefix // Bits 0 for the default route
	Via    []byte // the gateway's address; nil for none
	Dev    string // "": the kernel finds it by Via
	Src    []byte // nil for none
	Metric uint32 // 0: the kernel's choice
	Table  uint32 // 0: main
	MTU    uint32 // 0: none
	OnLink bool
}

// Sysctl is a setting of a namespace: a file below /proc/sys.
type Sysctl struct {
	Pos   Pos
	NS    string
	Key   string // parted by '.' or '/': net.ipv4.ip_forward
	Value string
}

// Service is a program that runs in a namespace as long as the topology is up.
type Service struct {
	Pos  Pos
	NS   string
	Port uint16 // the TCP port on which it is to answer; 0 for none
	Argv []string
	Self bool // Argv[0] is one of this very program's applets, not looked for in PATH
}

// Article returns the scene of the article: blue, a veth into it, a bridge that
// has the veth's other end as a port, and the HTTP server in blue.
func Article() *Spec {
	a, b := End{"", "vethtest01"}, End{"blue", "vethest002"}
	return &Spec{
		Name:       "article",
		Namespaces: []Namespace{{Name: "blue"}},
		Links: []Link{
			{End: End{"", "test-bridge"}, Kind: "bridge", Addrs: []Prefix{{[]byte{10, 1, 2, 2}, 16}}},
			{End: a, Kind: "veth", Peer: b, Master: "test-bridge"},
			{End: b, Kind: "veth", Peer: a, Addrs: []Prefix{{[]byte{10, 1, 1, 2}, 16}}},
		},
		Services: []Service{{NS: "blue", Port: 8080, Argv: []string{"http_server"}, Self: true}},
	}
}

// ErrState: the journal is of no use: not ours, or damaged.
var ErrState error = nl.Const("the journal of what was made cannot be read; remove it by hand once nothing of the topology is left")
