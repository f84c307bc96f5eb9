package topo

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Specs to draw.

func addVeth(s *Spec, a, b Link) {
	a.Kind, b.Kind = "veth", "veth"
	a.Peer, b.Peer = b.End, a.End
	s.Links = append(s.Links, a, b)
}

func p4(a, b, c, d byte, bits uint8) []Prefix { return []Prefix{{[]byte{a, b, c, d}, bits}} }

// starOf is n namespaces on one bridge of the host.
func starOf(n int) *Spec {
	s := &Spec{Name: fmt.Sprintf("star of %d", n)}
	s.Links = append(s.Links, Link{End: End{"", "br0"}, Kind: "bridge", Addrs: p4(10, 0, 255, 254, 16)})
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("n%d", i)
		s.Namespaces = append(s.Namespaces, Namespace{Name: name})
		addVeth(s, Link{End: End{"", fmt.Sprintf("v%d", i)}, Master: "br0"},
			Link{End: End{name, "eth0"}, Addrs: p4(10, 0, byte(i>>8), byte(i), 16)})
	}
	return s
}

// chainOf is n namespaces in a row; those between the ends route.
func chainOf(n int) *Spec {
	s := &Spec{Name: fmt.Sprintf("chain of %d", n)}
	name := func(i int) string {
		if i == 1 || i == n {
			return fmt.Sprintf("n%d", i)
		}
		return fmt.Sprintf("r%d", i)
	}
	for i := 1; i <= n; i++ {
		s.Namespaces = append(s.Namespaces, Namespace{Name: name(i)})
		if i > 1 && i < n {
			s.Sysctls = append(s.Sysctls, Sysctl{NS: name(i), Key: "net.ipv4.ip_forward", Value: "1"})
		}
	}
	for i := 1; i < n; i++ {
		addVeth(s, Link{End: End{name(i), "right"}, Addrs: p4(10, 0, byte(i), 1, 24)}, Link{End: End{name(i + 1), "left"}, Addrs: p4(10, 0, byte(i), 2, 24)})
	}
	s.Routes = append(s.Routes,
		Route{NS: name(1), Type: "unicast", Dst: Prefix{[]byte{0, 0, 0, 0}, 0}, Via: []byte{10, 0, 1, 2}},
		Route{NS: name(n), Type: "unicast", Dst: Prefix{[]byte{0, 0, 0, 0}, 0}, Via: []byte{10, 0, byte(n - 1), 1}})
	return s
}

// meshOf is n namespaces, each joined to each.
func meshOf(n int) *Spec {
	s := &Spec{Name: fmt.Sprintf("mesh of %d", n)}
	for i := 1; i <= n; i++ {
		s.Namespaces = append(s.Namespaces, Namespace{Name: fmt.Sprintf("n%d", i)})
	}
	for i := 1; i <= n; i++ {
		for j := i + 1; j <= n; j++ {
			addVeth(s, Link{End: End{fmt.Sprintf("n%d", i), fmt.Sprintf("to%d", j)}, Addrs: p4(10, byte(i), byte(j), 1, 30)},
				Link{End: End{fmt.Sprintf("n%d", j), fmt.Sprintf("to%d", i)}, Addrs: p4(10, byte(i), byte(j), 2, 30)})
		}
	}
	return s
}

func ringOf(n int) *Spec {
	s := &Spec{Name: fmt.Sprintf("ring of %d", n)}
	for i := range n {
		s.Namespaces = append(s.Namespaces, Namespace{Name: fmt.Sprintf("n%d", i)})
	}
	for i := range n {
		j := (i + 1) % n
		addVeth(s, Link{End: End{fmt.Sprintf("n%d", i), "next"}, Addrs: p4(10, 0, byte(i), 1, 24)}, Link{End: End{fmt.Sprintf("n%d", j), "prev"}, Addrs: p4(10, 0, byte(i), 2, 24)})
	}
	return s
}

// faulty is an office with two bridges, a router, a vxlan, a macvlan, and faults.
func faulty() *Spec {
	s := &Spec{Name: "office"}
	for _, n := range []string{"web", "db", "mail", "router", "guest1", "guest2", "isp"} {
		s.Namespaces = append(s.Namespaces, Namespace{Name: n})
	}
	s.Links = append(s.Links,
		Link{End: End{"", "br-office"}, Kind: "bridge", Addrs: append(p4(192, 168, 1, 1, 24), Prefix{[]byte{0xfd, 0, 0, 1, 14: 0, 15: 1}, 64})},
		Link{End: End{"", "br-guest"}, Kind: "bridge", Addrs: p4(192, 168, 2, 1, 24)})
	port := func(name, br, space string, d byte, net byte) (Link, Link) {
		return Link{End: End{"", name}, Master: br}, Link{End: End{space, "eth0"}, Addrs: p4(192, 168, net, d, 24)}
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
	a.Port = []Option{{"isolated", "on"}}
	addVeth(s, a, b)
	a, b = port("v-g2", "br-guest", "guest2", 11, 2)
	a.Port = []Option{{"isolated", "on"}}
	addVeth(s, a, b)
	addVeth(s, Link{End: End{"router", "wan"}, Addrs: p4(203, 0, 113, 2, 30)}, Link{End: End{"isp", "cust"}, Addrs: p4(203, 0, 113, 1, 30)})
	s.Links = append(s.Links,
		Link{End: End{"", "vx7"}, Kind: "vxlan", Options: []Option{{"id", "7"}}, Lower: End{"", "eth0"}, Master: "br-office"},
		Link{End: End{"isp", "mv0"}, Kind: "macvlan", Options: []Option{{"mode", "bridge"}}, Lower: End{"", "eth0"}, Addrs: p4(198, 51, 100, 7, 24)})
	s.Services = append(s.Services, Service{NS: "web", Port: 8080, Argv: []string{"http_server"}, Self: true})
	s.Sysctls = append(s.Sysctls, Sysctl{NS: "router", Key: "net.ipv4.ip_forward", Value: "1"})
	s.Routes = append(s.Routes, Route{NS: "router", Type: "unicast", Dst: Prefix{[]byte{0, 0, 0, 0}, 0}, Via: []byte{203, 0, 113, 1}})
	return s
}

// leafSpine is two spines, four leaves, and two hosts a leaf.
func leafSpine() *Spec {
	s := &Spec{Name: "leaf and spine"}
	add := func(n string) { s.Namespaces = append(s.Namespaces, Namespace{Name: n}) }
	add("spine1")
	add("spine2")
	for l := 1; l <= 4; l++ {
		leaf := fmt.Sprintf("leaf%d", l)
		add(leaf)
		for sp := 1; sp <= 2; sp++ {
			addVeth(s, Link{End: End{fmt.Sprintf("spine%d", sp), fmt.Sprintf("down%d", l)}, Addrs: p4(10, byte(sp), byte(l), 1, 30)},
				Link{End: End{leaf, fmt.Sprintf("up%d", sp)}, Addrs: p4(10, byte(sp), byte(l), 2, 30)})
		}
		for h := 1; h <= 2; h++ {
			host := fmt.Sprintf("h%d%d", l, h)
			add(host)
			addVeth(s, Link{End: End{leaf, fmt.Sprintf("p%d", h)}, Addrs: p4(10, byte(9+l), byte(h), 1, 24)}, Link{End: End{host, "eth0"}, Addrs: p4(10, byte(9+l), byte(h), 2, 24)})
		}
	}
	return s
}

// trees is n bridges of m namespaces each.
func trees(n, m int) *Spec {
	s := &Spec{Name: fmt.Sprintf("%d bridges of %d", n, m)}
	for i := 1; i <= n; i++ {
		br := fmt.Sprintf("br%d", i)
		s.Links = append(s.Links, Link{End: End{"", br}, Kind: "bridge", Addrs: p4(10, byte(i), 255, 254, 16)})
		for j := 1; j <= m; j++ {
			k := (i-1)*m + j
			name := fmt.Sprintf("n%d", k)
			s.Namespaces = append(s.Namespaces, Namespace{Name: name})
			addVeth(s, Link{End: End{"", fmt.Sprintf("v%d", k)}, Master: br}, Link{End: End{name, "eth0"}, Addrs: p4(10, byte(i), byte(j>>8), byte(j), 16)})
		}
	}
	return s
}

func loneOnes(n int) *Spec {
	s := &Spec{Name: "alone"}
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("n%d", i)
		s.Namespaces = append(s.Namespaces, Namespace{Name: name})
		s.Links = append(s.Links, Link{End: End{name, "d0"}, Kind: "dummy", Addrs: p4(10, 0, 0, byte(i), 32)})
	}
	return s
}

func gallery() map[string]*Spec {
	return map[string]*Spec{"article": Article(), "star3": starOf(3), "star8": starOf(8), "star30": starOf(30), "star100": starOf(100), "star1000": starOf(1000),
		"chain5": chainOf(5), "mesh4": meshOf(4), "mesh5": meshOf(5), "mesh6": meshOf(6), "mesh8": meshOf(8), "ring8": ringOf(8), "faulty": faulty(), "leafspine": leafSpine(),
		"trees3x8": trees(3, 8), "trees20x250": trees(20, 250), "alone12": loneOnes(12)}
}

func TestGallery(t *testing.T) {
	dir := os.Getenv("GALLERY")
	if dir == "" {
		return
	}
	for name, s := range gallery() {
		if err := s.Check(); err != nil {
			t.Error(name, err)
		}
		p := s.Picture()
		p.Fold(FoldLimit)
		if err := os.WriteFile(filepath.Join(dir, name+".svg"), p.SVG(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
