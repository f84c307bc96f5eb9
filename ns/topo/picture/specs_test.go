package picture

import (
	"fmt"

	"rawns/ns/topo"
)

// Topologies to draw.

func addVeth(s *topo.Spec, a, b topo.Link) {
	a.Kind, b.Kind = "veth", "veth"
	a.Peer, b.Peer = b.End, a.End
	s.Links = append(s.Links, a, b)
}

func p4(a, b, c, d byte, bits uint8) []topo.Prefix {
	return []topo.Prefix{{IP: []byte{a, b, c, d}, Bits: bits}}
}

// starOf is n namespaces on one bridge of the host.
func starOf(n int) *topo.Spec {
	s := &topo.Spec{Name: fmt.Sprintf("star of %d", n)}
	s.Links = append(s.Links, topo.Link{End: topo.End{NS: "", Name: "br0"}, Kind: "bridge", Addrs: p4(10, 0, 255, 254, 16)})
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("n%d", i)
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: name})
		addVeth(s, topo.Link{End: topo.End{NS: "", Name: fmt.Sprintf("v%d", i)}, Master: "br0"},
			topo.Link{End: topo.End{NS: name, Name: "eth0"}, Addrs: p4(10, 0, byte(i>>8), byte(i), 16)})
	}
	return s
}

// chainOf is n namespaces in a row; those between the ends route.
func chainOf(n int) *topo.Spec {
	s := &topo.Spec{Name: fmt.Sprintf("chain of %d", n)}
	name := func(i int) string {
		if i == 1 || i == n {
			return fmt.Sprintf("n%d", i)
		}
		return fmt.Sprintf("r%d", i)
	}
	for i := 1; i <= n; i++ {
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: name(i)})
		if i > 1 && i < n {
			s.Sysctls = append(s.Sysctls, topo.Sysctl{NS: name(i), Key: "net.ipv4.ip_forward", Value: "1"})
		}
	}
	for i := 1; i < n; i++ {
		addVeth(s, topo.Link{End: topo.End{NS: name(i), Name: "right"}, Addrs: p4(10, 0, byte(i), 1, 24)}, topo.Link{End: topo.End{NS: name(i + 1), Name: "left"}, Addrs: p4(10, 0, byte(i), 2, 24)})
	}
	s.Routes = append(s.Routes,
		topo.Route{NS: name(1), Type: "unicast", Dst: topo.Prefix{IP: []byte{0, 0, 0, 0}, Bits: 0}, Via: []byte{10, 0, 1, 2}},
		topo.Route{NS: name(n), Type: "unicast", Dst: topo.Prefix{IP: []byte{0, 0, 0, 0}, Bits: 0}, Via: []byte{10, 0, byte(n - 1), 1}})
	return s
}

// meshOf is n namespaces, each joined to each.
func meshOf(n int) *topo.Spec {
	s := &topo.Spec{Name: fmt.Sprintf("mesh of %d", n)}
	for i := 1; i <= n; i++ {
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: fmt.Sprintf("n%d", i)})
	}
	for i := 1; i <= n; i++ {
		for j := i + 1; j <= n; j++ {
			addVeth(s, topo.Link{End: topo.End{NS: fmt.Sprintf("n%d", i), Name: fmt.Sprintf("to%d", j)}, Addrs: p4(10, byte(i), byte(j), 1, 30)},
				topo.Link{End: topo.End{NS: fmt.Sprintf("n%d", j), Name: fmt.Sprintf("to%d", i)}, Addrs: p4(10, byte(i), byte(j), 2, 30)})
		}
	}
	return s
}

func ringOf(n int) *topo.Spec {
	s := &topo.Spec{Name: fmt.Sprintf("ring of %d", n)}
	for i := range n {
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: fmt.Sprintf("n%d", i)})
	}
	for i := range n {
		j := (i + 1) % n
		addVeth(s, topo.Link{End: topo.End{NS: fmt.Sprintf("n%d", i), Name: "next"}, Addrs: p4(10, 0, byte(i), 1, 24)}, topo.Link{End: topo.End{NS: fmt.Sprintf("n%d", j), Name: "prev"}, Addrs: p4(10, 0, byte(i), 2, 24)})
	}
	return s
}

// office is one with two bridges, a router, a vxlan, a macvlan, and faults.
func office() *topo.Spec {
	s := &topo.Spec{Name: "office"}
	for _, n := range []string{"web", "db", "mail", "router", "guest1", "guest2", "isp"} {
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: n})
	}
	s.Links = append(s.Links,
		topo.Link{End: topo.End{NS: "", Name: "br-office"}, Kind: "bridge", Addrs: append(p4(192, 168, 1, 1, 24), topo.Prefix{IP: []byte{0xfd, 0, 0, 1, 14: 0, 15: 1}, Bits: 64})},
		topo.Link{End: topo.End{NS: "", Name: "br-guest"}, Kind: "bridge", Addrs: p4(192, 168, 2, 1, 24)})
	port := func(name, br, space string, d byte, net byte) (topo.Link, topo.Link) {
		return topo.Link{End: topo.End{NS: "", Name: name}, Master: br}, topo.Link{End: topo.End{NS: space, Name: "eth0"}, Addrs: p4(192, 168, net, d, 24)}
	}
	a, b := port("v-web", "br-office", "web", 10, 1)
	addVeth(s, a, b)
	a, b = port("v-db", "br-office", "db", 11, 1)
	a.Down = true
	addVeth(s, a, b)
	a, b = port("v-mail", "br-office", "mail", 12, 1)
	b.Down = true
	b.MTU = 9000
	addVeth(s, a, b)
	a, b = port("v-router", "br-office", "router", 254, 1)
	addVeth(s, a, b)
	a, b = port("v-g1", "br-guest", "guest1", 10, 2)
	a.Port = []topo.Option{{Name: "isolated", Value: "on"}}
	addVeth(s, a, b)
	a, b = port("v-g2", "br-guest", "guest2", 11, 2)
	a.Port = []topo.Option{{Name: "isolated", Value: "on"}}
	addVeth(s, a, b)
	addVeth(s, topo.Link{End: topo.End{NS: "router", Name: "wan"}, Addrs: p4(203, 0, 113, 2, 30)}, topo.Link{End: topo.End{NS: "isp", Name: "cust"}, Addrs: p4(203, 0, 113, 1, 30)})
	s.Links = append(s.Links,
		topo.Link{End: topo.End{NS: "", Name: "vx7"}, Kind: "vxlan", Options: []topo.Option{{Name: "id", Value: "7"}}, Lower: topo.End{NS: "", Name: "eth0"}, Master: "br-office"},
		topo.Link{End: topo.End{NS: "isp", Name: "mv0"}, Kind: "macvlan", Options: []topo.Option{{Name: "mode", Value: "bridge"}}, Lower: topo.End{NS: "", Name: "eth0"}, Addrs: p4(198, 51, 100, 7, 24)})
	s.Services = append(s.Services, topo.Service{NS: "web", Port: 8080, Argv: []string{"http_server"}, Self: true})
	s.Sysctls = append(s.Sysctls, topo.Sysctl{NS: "router", Key: "net.ipv4.ip_forward", Value: "1"})
	s.Routes = append(s.Routes, topo.Route{NS: "router", Type: "unicast", Dst: topo.Prefix{IP: []byte{0, 0, 0, 0}, Bits: 0}, Via: []byte{203, 0, 113, 1}})
	return s
}

// leafSpine is two spines, four leaves, and two hosts a leaf.
func leafSpine() *topo.Spec {
	s := &topo.Spec{Name: "leaf and spine"}
	add := func(n string) { s.Namespaces = append(s.Namespaces, topo.Namespace{Name: n}) }
	add("spine1")
	add("spine2")
	for l := 1; l <= 4; l++ {
		leaf := fmt.Sprintf("leaf%d", l)
		add(leaf)
		for sp := 1; sp <= 2; sp++ {
			addVeth(s, topo.Link{End: topo.End{NS: fmt.Sprintf("spine%d", sp), Name: fmt.Sprintf("down%d", l)}, Addrs: p4(10, byte(sp), byte(l), 1, 30)},
				topo.Link{End: topo.End{NS: leaf, Name: fmt.Sprintf("up%d", sp)}, Addrs: p4(10, byte(sp), byte(l), 2, 30)})
		}
		for h := 1; h <= 2; h++ {
			host := fmt.Sprintf("h%d%d", l, h)
			add(host)
			addVeth(s, topo.Link{End: topo.End{NS: leaf, Name: fmt.Sprintf("p%d", h)}, Addrs: p4(10, byte(9+l), byte(h), 1, 24)}, topo.Link{End: topo.End{NS: host, Name: "eth0"}, Addrs: p4(10, byte(9+l), byte(h), 2, 24)})
		}
	}
	return s
}

// trees is n bridges of m namespaces each.
func trees(n, m int) *topo.Spec {
	s := &topo.Spec{Name: fmt.Sprintf("%d bridges of %d", n, m)}
	for i := 1; i <= n; i++ {
		br := fmt.Sprintf("br%d", i)
		s.Links = append(s.Links, topo.Link{End: topo.End{NS: "", Name: br}, Kind: "bridge", Addrs: p4(10, byte(i), 255, 254, 16)})
		for j := 1; j <= m; j++ {
			k := (i-1)*m + j
			name := fmt.Sprintf("n%d", k)
			s.Namespaces = append(s.Namespaces, topo.Namespace{Name: name})
			addVeth(s, topo.Link{End: topo.End{NS: "", Name: fmt.Sprintf("v%d", k)}, Master: br}, topo.Link{End: topo.End{NS: name, Name: "eth0"}, Addrs: p4(10, byte(i), byte(j>>8), byte(j), 16)})
		}
	}
	return s
}

func loneOnes(n int) *topo.Spec {
	s := &topo.Spec{Name: "alone"}
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("n%d", i)
		s.Namespaces = append(s.Namespaces, topo.Namespace{Name: name})
		s.Links = append(s.Links, topo.Link{End: topo.End{NS: name, Name: "d0"}, Kind: "dummy", Addrs: p4(10, 0, 0, byte(i), 32)})
	}
	return s
}
