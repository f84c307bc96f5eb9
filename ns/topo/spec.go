package topo

import (
	"errors"
	"strconv"

	"rawns/nl/rtnl"
	"rawns/ns"
)

// Spec describes a topology. "" as a namespace is the one where Apply runs:
// the host's, or a sandbox's.
type Spec struct {
	Namespaces []string // made, in this order
	Bridges    []Bridge
	Veths      []Veth
	Services   []Service
}

// Prefix is an address with the length of its network.
type Prefix struct {
	IP   []byte // 4 or 16 bytes, network byte order
	Bits uint8
	Text string // as a person writes it: 10.1.1.2/16
}

// Bridge is a bridge; it is brought up behind everything else.
type Bridge struct {
	NS, Name string
	Addrs    []Prefix
}

// Veth is a pair of links; both ends are brought up.
type Veth struct{ A, B End }

// End is one end of a Veth.
type End struct {
	NS, Name string
	Master   string // the bridge, in the same namespace, whose port it is; "" for none
	Addrs    []Prefix
}

// Service is a program that runs in a namespace as long as the topology is up.
type Service struct {
	NS   string
	Argv []string
	Self bool // Argv[0] is one of this very program's applets, not looked for in PATH
}

// Article returns the scene of the article: blue, a veth into it, a bridge that
// has the veth's other end as a port, and the HTTP server in blue.
func Article() *Spec {
	return &Spec{
		Namespaces: []string{"blue"},
		Bridges:    []Bridge{{Name: "test-bridge", Addrs: []Prefix{{[]byte{10, 1, 2, 2}, 16, "10.1.2.2/16"}}}},
		Veths: []Veth{{
			A: End{Name: "vethtest01", Master: "test-bridge"},
			B: End{NS: "blue", Name: "vethest002", Addrs: []Prefix{{[]byte{10, 1, 1, 2}, 16, "10.1.1.2/16"}}},
		}},
		Services: []Service{{NS: "blue", Argv: []string{"http_server"}, Self: true}},
	}
}

// SpecError is a fault in a Spec.
type SpecError struct{ Object, Fault string }

func (e *SpecError) Error() string { return strconv.Quote(e.Object) + ": " + e.Fault }

// check finds what the kernel would refuse half-way: names, and references to
// what is not there.
func (s *Spec) check() error {
	spaces := map[string]bool{"": true}
	for _, n := range s.Namespaces {
		if err := ns.CheckName(n); err != nil {
			return err
		}
		if spaces[n] {
			return &SpecError{n, "two namespaces of one name"}
		}
		spaces[n] = true
	}
	links := map[[2]string]bool{}
	bridges := map[[2]string]bool{}
	link := func(space, name string, addrs []Prefix) error {
		switch {
		case !rtnl.ValidIfName(name):
			return &SpecError{name, "not a name for a link: 1 to 15 bytes without '/', ':' and blanks"}
		case !spaces[space]:
			return &SpecError{name, "in a namespace that is not described: " + strconv.Quote(space)}
		case links[[2]string{space, name}]:
			return &SpecError{name, "two links of one name in a namespace"}
		}
		links[[2]string{space, name}] = true
		for _, a := range addrs {
			if len(a.IP) != 4 && len(a.IP) != 16 || int(a.Bits) > 8*len(a.IP) {
				return &SpecError{name, "not an address with a prefix length: " + strconv.Quote(a.Text)}
			}
		}
		return nil
	}
	for _, b := range s.Bridges {
		if err := link(b.NS, b.Name, b.Addrs); err != nil {
			return err
		}
		bridges[[2]string{b.NS, b.Name}] = true
	}
	for _, v := range s.Veths {
		for _, e := range [2]End{v.A, v.B} {
			if err := link(e.NS, e.Name, e.Addrs); err != nil {
				return err
			}
			if e.Master != "" && !bridges[[2]string{e.NS, e.Master}] {
				return &SpecError{e.Name, "port of a bridge that is not described: " + strconv.Quote(e.Master)}
			}
		}
	}
	for _, v := range s.Services {
		if len(v.Argv) == 0 || !spaces[v.NS] {
			return &SpecError{v.NS, "a service without a command, or in a namespace that is not described"}
		}
	}
	return nil
}

// ErrState: the journal is of no use: not ours, or damaged.
var ErrState = errors.New("the journal of what was made cannot be read; remove it by hand once nothing of the topology is left")
