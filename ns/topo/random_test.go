package topo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rawns/ns/nstest"
)

// randomText is a topology with all that the kinds of links have which each kernel knows.
func randomText(r *rand.Rand) string {
	chance := func(n int) bool { return r.IntN(n) == 0 }
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b strings.Builder
	spaces := []string{""}
	for i := range 1 + r.IntN(3) {
		spaces = append(spaces, fmt.Sprint("n", i))
		fmt.Fprintln(&b, "netns", spaces[i+1])
	}
	end := func(space, name string) string {
		if space == "" {
			return name
		}
		return space + ":" + name
	}
	behind := func(space string) string {
		if space == "" {
			return ""
		}
		return " netns " + space
	}
	subnet := 0
	type via struct{ space, link, gate, own string } // where a route may lead
	var ways []via
	bridges := map[string]string{} // by their space
	// words are those that each link may have.
	words := func(space, name string, master bool) (s string) {
		if name[0] != 'm' && chance(3) { // a macvlan's is that of the link below, or less
			s += fmt.Sprint(" mtu ", 1280+r.IntN(200))
		}
		if chance(4) {
			s += fmt.Sprintf(" address 02:00:00:00:%02x:%02x", r.IntN(256), r.IntN(256))
		}
		if chance(5) {
			s += fmt.Sprint(" txqueuelen ", 1+r.IntN(2000))
		}
		if chance(5) {
			s += " addrgenmode " + pick("none", "eui64")
		}
		if chance(6) {
			s += ` alias "` + pick("a", "two words", `quoted \"x\"`, "é # \\\\", "{}") + `"`
		}
		if bridge := bridges[space]; master && bridge != "" && chance(2) {
			s += " master " + bridge
			for _, o := range []string{"cost 77", "isolated on", "hairpin on", "learning off", "flood off", "priority 9", "guard on", "neigh_suppress on"} {
				if chance(6) {
					s += " " + o
				}
			}
			return s
		}
		lower := chance(8)
		for range r.IntN(3) {
			subnet++
			if chance(3) {
				s += fmt.Sprintf(" addr fd00:%x::1/64", subnet)
				continue
			}
			s += fmt.Sprintf(" addr 10.%d.0.1/%s", subnet, pick("16", "24", "30"))
			if !lower {
				ways = append(ways, via{space: space, link: name, gate: fmt.Sprintf("10.%d.0.2", subnet), own: fmt.Sprintf("10.%d.0.1", subnet)})
			}
		}
		if lower {
			s += " down"
		}
		return s
	}
	for i, space := range spaces {
		if chance(2) {
			continue
		}
		name := fmt.Sprint("br", i)
		fmt.Fprint(&b, "bridge ", end(space, name))
		for _, o := range []string{"stp_state " + pick("off", "kernel"), "forward_delay 400", "ageing_time 1000", "hello_time 150", "max_age 1500", "priority " + pick("0", "4096", "65535"), "mcast_snooping off",
			"mcast_querier on", "group_fwd_mask 8", "nf_call_iptables on"} {
			if chance(4) {
				fmt.Fprint(&b, " ", o)
			}
		}
		fmt.Fprintln(&b, words(space, name, false))
		bridges[space] = name
	}
	lowers := map[string]string{} // by their space
	for i := range 1 + r.IntN(4) {
		a, z := pick(spaces...), pick(spaces...)
		x, y := fmt.Sprint("v", i), fmt.Sprint("w", i)
		w := [2]string{words(a, x, true), words(z, y, true)}
		fmt.Fprintf(&b, "veth %s%s peer %s%s\n", end(a, x), w[0], end(z, y), w[1])
		for k, e := range [2][2]string{{a, x}, {z, y}} {
			if !strings.Contains(w[k], " master ") { // a port can have no macvlan
				lowers[e[0]] = e[1]
			}
		}
	}
	for i, space := range spaces {
		if lower := lowers[space]; lower != "" && chance(2) {
			name := fmt.Sprint("m", i)
			fmt.Fprintf(&b, "macvlan %s link %s mode %s%s\n", end(space, name), end(space, lower), pick("bridge", "private", "vepa"), words(space, name, false))
		}
		if chance(2) {
			name := fmt.Sprint("x", i)
			fmt.Fprintf(&b, "vxlan %s id %d", end(space, name), 100+i)
			for _, o := range []string{"remote 192.0.2.1", "dstport " + pick("4789", "8472"), "learning off", "ttl 9", "tos 4", "ageing 77", "udpcsum " + pick("on", "off"), "local 192.0.2.9"} {
				if chance(3) {
					fmt.Fprint(&b, " ", o)
				}
			}
			fmt.Fprintln(&b, words(space, name, true))
		}
		if space != "" && chance(3) {
			fmt.Fprintf(&b, "link %s:lo addr 10.255.%d.1/32\n", space, i)
		}
	}
	for i, w := range ways {
		if chance(2) {
			continue
		}
		fmt.Fprintf(&b, "route 172.%d.0.0/16 via %s", 16+i, w.gate)
		for _, o := range []string{"dev " + w.link, "src " + w.own, "metric 7", "table 99", "mtu 1200"} {
			if chance(3) {
				fmt.Fprint(&b, " ", o)
			}
		}
		fmt.Fprintln(&b, behind(w.space))
	}
	for i, space := range spaces[1:] {
		if chance(3) {
			fmt.Fprintf(&b, "route %s 10.9%d.0.0/16%s%s\n", pick("blackhole", "unreachable", "prohibit"), i, pick("", " metric 9", " table 55"), behind(space))
		}
		for _, c := range []string{"net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.default.rp_filter=1", "net.ipv4.conf.lo.rp_filter=2", "net.ipv4.tcp_syncookies=0", "net.ipv6.conf.default.accept_ra=0"} {
			if chance(6) {
				fmt.Fprintln(&b, "sysctl", c+behind(space))
			}
		}
	}
	return b.String()
}

// A topology stands as it is described; to make it again makes nothing; a step that fails
// leaves nothing; what is lost is made again; what is exported
// makes the same; and down leaves what was there before.
func TestRandom(t *testing.T) {
	nstest.Sandbox(t)
	before := state(t)
	for i := range 10 {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		text := randomText(r)
		first := standing(t, text, nil)
		if t.Failed() {
			t.Fatalf("number %d:\n%s", i, text)
		}
		failing(t, text, r)
		if again := standing(t, first, nil); again != first {
			t.Errorf("what is exported makes something else:\n%s\nand that\n%s", first, again)
		}
		if again := standing(t, text, r); !sameLines(again, first) {
			t.Errorf("what was lost is made otherwise: first\n%s\nthen\n%s", first, again)
		}
		if after := state(t); after != before {
			t.Errorf("left behind:\n%s\nbefore\n%s", after, before)
		}
		if t.Failed() {
			t.Fatalf("number %d:\n%s", i, text)
		}
	}
}

// failing makes a topology up to a step that fails, and not even that.
func failing(t *testing.T, text string, r *rand.Rand) {
	t.Helper()
	before := state(t)
	p := plan(t, specOf(t, "random", text), nil)
	at := r.IntN(len(p.Steps))
	_, err := Apply(p, Options{Before: func(i int, _ *Step) error {
		if i == at {
			return errStop
		}
		return nil
	}})
	var e *StepError
	if !errors.As(err, &e) || e.N != at+1 || e.Left != nil {
		t.Errorf("step %d is to fail: %v", at+1, err)
	}
	if after := state(t); after != before {
		t.Errorf("step %d has failed; left behind:\n%s\nbefore\n%s", at+1, after, before)
	}
}

// standing makes a topology, exports it, and takes it away. With r something of it is lost
// meanwhile, and made again.
func standing(t *testing.T, text string, r *rand.Rand) (export string) {
	t.Helper()
	f, err := Parse("random", []byte(text))
	var s *Spec
	if err == nil {
		s, err = f.Spec()
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	j := journal(t, filepath.Join(t.TempDir(), "random"))
	p, err := planHere(s, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	done, err := Apply(p, Options{Journal: j})
	if err != nil {
		t.Error(err)
		return ""
	}
	done.Close()
	if err := j.Finish(); err != nil {
		t.Error(err)
	}
	if r != nil {
		lose(t, s, r)
		up(t, j, s)
	}
	if d := diffText(t, s); d != "" {
		t.Errorf("what stands is different:\n%s", d)
	}
	rec, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	if p := plan(t, s, rec); len(p.Steps) != 0 {
		t.Errorf("%d steps are wanted once more: %v", len(p.Steps), p.Steps[0])
	}
	export, left := exported(t)
	if left != nil {
		t.Errorf("left out: %q", left)
	}
	if left := j.Down(rec); left != nil {
		t.Error(left)
	}
	return export
}

// sameLines tells whether two files have the same statements, in whatever order.
func sameLines(a, b string) bool {
	lines := func(s string) []string {
		l := strings.Split(strings.ReplaceAll(s, "\\\n    ", ""), "\n")
		slices.Sort(l)
		return l
	}
	return slices.Equal(lines(a), lines(b))
}

// lose deletes a link of a topology, or a namespace.
func lose(t *testing.T, s *Spec, r *rand.Rand) {
	t.Helper()
	if r.IntN(3) == 0 {
		name := s.Namespaces[r.IntN(len(s.Namespaces))].Name
		run(t, "ip netns del "+name)
		// The kernel takes its links, and their other ends, in its own time.
		for try := range 1000 {
			st, still := observe(t, s.Look()), false
			for i := range s.Links {
				l := &s.Links[i]
				if sp := st.Space(l.NS); l.Kind == "veth" && l.Peer.NS == name && sp != nil && sp.Link(l.Name) != nil {
					still = true
				}
			}
			if !still {
				return
			}
			time.Sleep(time.Duration(try) * time.Millisecond)
		}
		t.Fatalf("what was joined to %s is still there", name)
	}
	l := &s.Links[r.IntN(len(s.Links))]
	switch {
	case l.Kind == "":
	case l.NS == "":
		run(t, "ip link del "+l.Name)
	default:
		run(t, "ip -n "+l.NS+" link del "+l.Name)
	}
}
