package topo

import (
	"fmt"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// show is a state as a test compares it: a line for each link and route, without
// what the kernel chooses.
func show(st *State) string {
	var b strings.Builder
	for i, sp := range st.Spaces {
		label := fmt.Sprintf("%q", sp.Label())
		if i == 0 {
			label = "host"
		} else if sp.Name == "" && sp.Through == nil {
			label = "nameless"
		}
		if sp.Err != nil {
			fmt.Fprintf(&b, "%s: %v\n", label, sp.Err)
			continue
		}
		for _, l := range sp.Links {
			fmt.Fprintf(&b, "%s:%s %s", label, l.Name, l.Kind)
			for _, r := range []struct {
				word string
				l    *LinkState
			}{{"master", l.Master}, {"peer", l.Peer}, {"lower", l.Lower}} {
				if r.l != nil {
					fmt.Fprintf(&b, " %s %q:%s", r.word, r.l.Space.Name, r.l.Name)
				}
			}
			for _, a := range l.Addrs {
				if len(a.IP) == 4 || a.Scope == 0 {
					fmt.Fprintf(&b, " %s", a)
				}
			}
			b.WriteByte('\n')
		}
		for _, r := range sp.Routes {
			if r.Family == 2 && r.Protocol != 2 { // not the kernel's own
				fmt.Fprintf(&b, "%s route %s via %v dev %s\n", label, r.Dst, r.Via, r.Dev.Name)
			}
		}
	}
	return b.String()
}

func observe(t *testing.T, o ObserveOptions) *State {
	t.Helper()
	st, err := Observe(o)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// run runs lines of commands in the sandbox.
func run(t *testing.T, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		if w := strings.Fields(line); len(w) > 0 {
			nstest.Run(t, nil, w...)
		}
	}
}

func TestObserve(t *testing.T) {
	nstest.Sandbox(t)
	run(t, `ip netns add red
		ip netns add blue
		ip netns add green
		ip link add name br0 type bridge
		ip link add v1 up master br0 type veth peer name eth0 netns red
		ip link add v2 up master br0 type veth peer name eth0 netns blue
		ip -n red link add x type veth peer name y netns blue
		ip -n blue link add p type veth peer name q
		ip -n green link add g type bridge
		ip -n green link add link g name m type macvlan
		ip -n green link set dev m netns red
		ip -n red addr add 10.0.0.1/24 dev eth0
		ip -n red link set eth0 up
		ip -n red route add 10.9.0.0/16 via 10.0.0.7
		ip -n blue addr add 10.0.0.2/24 dev eth0
		ip -n blue addr add fd00::1/64 dev eth0 nodad
		ip netns exec blue sysctl -q net.ipv4.ip_forward=1`)
	defer run(t, "ip link del v1\nip link del v2\nip link del br0\nip netns del red\nip netns del blue\nip netns del green")
	key := "net.ipv4.ip_forward"
	st := observe(t, ObserveOptions{Addrs: true, Routes: true, Neighs: true, Sysctls: []string{key, "net.ipv4.none", "kernel.hostname"}})
	want := `host:lo  127.0.0.1/8
host:br0 bridge
host:v1 veth master "":br0 peer "red":eth0
host:v2 veth master "":br0 peer "blue":eth0
"blue":lo 
"blue":eth0 veth peer "":v2 10.0.0.2/24 fd00::1/64
"blue":y veth peer "red":x
"blue":q veth peer "blue":p
"blue":p veth peer "blue":q
"green":lo 
"green":g bridge
"red":lo 
"red":eth0 veth peer "":v1 10.0.0.1/24
"red":x veth peer "blue":y
"red":m macvlan lower "green":g
"red" route 10.9.0.0/16 via [10 0 0 7] dev eth0
`
	if got := show(st); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if a, b := st.Space("red").Sysctls, st.Space("blue").Sysctls; len(a) != 1 || a[key] != "0" || len(b) != 1 || b[key] != "1" {
		t.Error(a, b)
	}
	for _, sp := range st.Spaces {
		if sp.ID.Inode == 0 || sp.ID.Cookie == 0 || sp.Path == "" {
			t.Errorf("%q: %+v %q", sp.Name, sp.ID, sp.Path)
		}
	}
	// Only some: links to the others have no peer that is known.
	st = observe(t, ObserveOptions{Names: []string{"red", "none"}})
	want = `host:lo 
host:br0 bridge
host:v1 veth master "":br0 peer "red":eth0
host:v2 veth master "":br0
"red":lo 
"red":eth0 veth peer "":v1
"red":x veth
"red":m macvlan
`
	if got := show(st); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
