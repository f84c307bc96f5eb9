package topo

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

// exported is what there is, as a file's text.
func exported(t testing.TB) (text string, left []string) {
	t.Helper()
	st, err := Observe(ExportLook())
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := Fresh(ExportLook())
	if err != nil {
		t.Fatal(err)
	}
	s, left := Export(st, fresh)
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	f, err := s.File()
	if err != nil {
		t.Fatal(err)
	}
	return string(f.Text()), left
}

// upHelper makes the topology of its standard input where it runs, and prints
// what is exported then.
func upHelper() int {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = upAndExport(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code(err)
}

func upAndExport(text []byte) error {
	f, err := Parse("-", text)
	if err != nil {
		return err
	}
	s, err := f.Spec()
	if err != nil {
		return err
	}
	have, err := Observe(s.Look())
	if err != nil {
		return err
	}
	p, err := s.Plan(have)
	if err != nil {
		return err
	}
	r, err := Apply(p, Options{})
	if err != nil {
		return err
	}
	r.Close()
	if have, err = Observe(s.Look()); err != nil {
		return err
	}
	list, err := Diff(s, have)
	if err != nil {
		return err
	}
	for i := range list {
		fmt.Fprintln(os.Stderr, list[i].String())
	}
	if len(list) > 0 {
		return ErrState
	}
	if have, err = Observe(ExportLook()); err != nil {
		return err
	}
	fresh, err := Fresh(ExportLook())
	if err != nil {
		return err
	}
	s, _ = Export(have, fresh)
	if f, err = s.File(); err != nil {
		return err
	}
	os.Stdout.Write(f.Text())
	return nil
}

func TestExport(t *testing.T) {
	nstest.Sandbox(t)
	run(t, `ip netns add red
		ip netns add blue
		ip link add name br0 type bridge stp_state 1 forward_delay 400 priority 4096
		ip addr add 10.0.0.254/24 dev br0
		ip addr add fd00::254/64 dev br0
		ip link add name v1 mtu 1400 up master br0 type veth peer name eth0 netns red
		ip link set v1 type bridge_slave isolated on cost 50
		ip link add name v2 up master br0 type veth peer name eth0 address 2:0:0:0:0:1 txqueuelen 77 netns blue
		ip link set br0 up
		ip -n red link add name x type veth peer name y netns blue
		ip -n blue link set eth0 addrgenmode none
		ip -n blue addr add 10.0.0.2/24 dev eth0
		ip -n blue addr add fe80::1/64 dev eth0
		ip -n blue link set eth0 up
		ip -n red addr add 10.0.0.1/24 dev eth0
		ip -n red addr add 10.0.0.11/24 dev eth0
		ip -n red link set eth0 up
		ip -n red link set lo up
		ip -n red addr add 10.255.0.1/32 dev lo
		ip -n red link add link eth0 name mv type macvlan mode bridge
		ip -n red link add name vx mtu 1300 type vxlan id 7 dstport 4789 remote 10.0.0.2 dev eth0 nolearning
		ip -n red link set vx up
		ip -n red link add name vy type vxlan id 8 group 239.1.1.1 dev eth0
		ip -n red route add default via 10.0.0.254
		ip -n red route add 10.7.0.0/16 via 10.0.0.2 metric 5 mtu 1300 src 10.0.0.11
		ip -n red route add blackhole 10.8.0.0/16 table 77
		ip -n red route add fd09::/16 via fe80::1 dev eth0
		ip route add 10.9.0.0/16 via 10.0.0.2
		ip netns exec red sysctl -qw net.ipv4.ip_forward=1
		ip netns exec red sysctl -qw net.ipv4.conf.default.rp_filter=2
		ip netns exec red sysctl -qw net.ipv6.conf.mv.disable_ipv6=1
		ip netns exec blue sysctl -qw net.ipv6.conf.all.disable_ipv6=0
		ip netns exec blue sysctl -qw net.ipv6.conf.default.disable_ipv6=1`)
	nstest.Run(t, nil, "ip", "-n", "blue", "link", "set", "eth0", "alias", "up # \"link\"")
	defer run(t, "ip link del v1\nip link del v2\nip link del br0\nip netns del red\nip netns del blue")
	text, left := exported(t)
	if left != nil {
		t.Errorf("left out: %q", left)
	}
	const want = `netns blue red
bridge br0 forward_delay 400 priority 4096 stp_state 1 addr 10.0.0.254/24 addr fd00::254/64
veth v1 master br0 cost 50 isolated on mtu 1400 peer red:eth0 addr 10.0.0.1/24 addr 10.0.0.11/24
veth v2 master br0 peer blue:eth0 address 02:00:00:00:00:01 txqueuelen 77 addrgenmode none \
    alias "up # \"link\"" addr 10.0.0.2/24 addr fe80::1/64
veth blue:y down peer red:x down
link red:lo addr 10.255.0.1/32 up
macvlan red:mv mode bridge link red:eth0 down
vxlan red:vx dstport 4789 id 7 learning off remote 10.0.0.2 dev eth0 mtu 1300
vxlan red:vy group 239.1.1.1 id 8 dev eth0 mtu 1450 down
route blackhole 10.8.0.0/16 table 77 netns red
route 10.9.0.0/16 via 10.0.0.2 dev br0
route default via 10.0.0.254 dev eth0 netns red
route 10.7.0.0/16 via 10.0.0.2 dev eth0 src 10.0.0.11 metric 5 mtu 1300 netns red
route fd09::/16 via fe80::1 dev eth0 netns red
sysctl net.ipv6.conf.default.disable_ipv6=1 netns blue
sysctl net.ipv6.conf.lo.disable_ipv6=0 netns blue
sysctl net.ipv6.conf.eth0.disable_ipv6=0 netns blue
sysctl net.ipv6.conf.y.disable_ipv6=0 netns blue
sysctl net.ipv4.ip_forward=1 netns red
sysctl net.ipv4.conf.default.rp_filter=2 netns red
sysctl net.ipv4.conf.lo.rp_filter=0 netns red
sysctl net.ipv4.conf.eth0.rp_filter=0 netns red
sysctl net.ipv6.conf.mv.disable_ipv6=1 netns red
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	sameAgain(t, text, "red", "blue")
}

// Of kinds that not every kernel has.
func TestExportKinds(t *testing.T) {
	nstest.NeedKind(t, "dummy")
	nstest.NeedKind(t, "vlan")
	run(t, `ip netns add red
		ip -n red link add name d0 mtu 9000 up type dummy
		ip -n red link add link d0 name d0.5 up type vlan id 5
		ip -n red link add link d0.5 name q mtu 1400 type vlan id 6 protocol 802.1ad
		ip -n red addr add 10.5.0.1/24 dev d0.5
		ip netns exec red sysctl -qw net.ipv6.conf.d0/5.disable_ipv6=1`)
	defer run(t, "ip netns del red")
	text, left := exported(t)
	const want = `netns red
dummy red:d0 mtu 9000
vlan red:d0.5 id 5 link red:d0 addr 10.5.0.1/24
vlan red:q id 6 protocol 802.1ad link red:d0.5 mtu 1400 down
sysctl net.ipv6.conf.d0/5.disable_ipv6=1 netns red
`
	if text != want || left != nil {
		t.Errorf("left out %q, got\n%s\nwant\n%s", left, text, want)
	}
	sameAgain(t, text, "red")
}

// sameAgain makes what was exported in a fresh sandbox: exported again, and as
// the stock ip shows it, it is the same.
func sameAgain(t *testing.T, text string, names ...string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const dump = "ip -d -j link; ip -d -j addr; ip -d -j route show table all; ip -d -6 -j route show table all"
	dumps := dump
	for _, name := range names {
		dumps += ";" + strings.ReplaceAll(dump, "ip ", "ip -n "+name+" ")
	}
	t.Setenv(helperVar, "up")
	cmd := exec.Command("unshare", "-n", "-m", "sh", "-c", "mount -t tmpfs none /run && ip link set lo up && "+exe+" && echo ---- && "+dumps)
	cmd.Stdin = strings.NewReader(text)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, errs.String(), text)
	}
	again, there, _ := strings.Cut(out.String(), "----\n")
	if again != text {
		t.Errorf("exported\n%s\nmade and exported again\n%s", text, again)
	}
	here := nstest.Run(t, nil, "sh", "-c", dumps)
	if a, b := normal(t, here), normal(t, there); a != b {
		t.Errorf("exported from\n%s\nmade\n%s", a, b)
	}
}

// normal is what ip shows as JSON, a line for each link, address or route,
// without what the kernel chooses, and what changes by itself.
func normal(t *testing.T, text string) string {
	t.Helper()
	chosen := map[string]bool{}
	for _, k := range strings.Fields("ifindex link_index link_netnsid operstate root_id bridge_id root_port root_path_cost hello_timer gc_timer tcn_timer " +
		"topology_change topology_change_timer topology_change_detected designated_root designated_bridge designated_port designated_cost message_age_timer " +
		"forward_delay_timer hold_timer state config_pending topology_change_ack port_no no port_id id num_tx_queues num_rx_queues parentbus broadcast tentative " +
		"id port valid_life_time preferred_life_time") {
		chosen[k] = true
	}
	var lines []string
	var clean func(v any) any
	random := regexp.MustCompile(`^(fe80::.*:.*:.*|([0-9a-f]{2}:){5}[0-9a-f]{2})(/64)?$`)
	clean = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				s, ok := e.(string)
				if chosen[k] || ok && random.MatchString(s) && s != "02:00:00:00:00:01" {
					delete(v, k)
				} else {
					v[k] = clean(e)
				}
			}
		case []any:
			for i := range v {
				v[i] = clean(v[i])
			}
			// The spanning tree takes its time.
			return slices.DeleteFunc(v, func(e any) bool { return e == "NO-CARRIER" || e == "LOWER_UP" || e == "linkdown" })
		}
		return v
	}
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var list []any
		if err := d.Decode(&list); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		group := []string{}
		for _, e := range list {
			if m, ok := e.(map[string]any); ok && strings.HasPrefix(fmt.Sprint(m["dst"]), "fe80:") {
				continue // comes when the address is no more tentative
			}
			b, _ := json.Marshal(clean(e))
			group = append(group, string(b))
		}
		slices.Sort(group)
		lines = append(append(lines, group...), "--")
	}
	return strings.Join(lines, "\n")
}

// What no file can say is told, and the rest is whole.
func TestExportLeaves(t *testing.T) {
	nstest.Sandbox(t)
	anon := nstest.New(t)
	pid := fmt.Sprint(nstest.Background(t, anon, "sleep", "300"))
	run(t, `ip netns add red
		ip link add name a1 type veth peer name a2 netns `+pid+`
		ip link add link a1 name a3 type macvlan
		ip -n red link add name i0 type ifb
		ip -n red link add name e0 type veth peer name e1
		ip -n red addr add 10.1.0.1 peer 10.1.0.2/32 dev e0
		ip -n red addr add 10.2.0.1/24 dev e1
		ip -n red link set e0 up
		ip -n red link set e1 up
		ip -n red link set i0 up
		ip -n red route add 10.3.0.0/24 nexthop via 10.2.0.7 dev e1 nexthop via 10.1.0.2 dev e0
		ip -n red route add 10.4.0.0/24 dev i0`)
	defer run(t, "ip link del a1\nip netns del red")
	text, left := exported(t)
	want := "netns red\nveth red:e1 addr 10.2.0.1/24 peer red:e0\n"
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	wantLeft := []string{
		`"red:i0": a link of kind "ifb"`,
		`"a1": its other end is in a namespace without a name`,
		`"a3": it is on top of "a1", which is left out`,
		`the address 10.1.0.1/32 of "red:e0": it has another one at its far end`,
		`the route "10.3.0.0/24" in the namespace "red": it has several gateways`,
		`the route "10.4.0.0/24" in the namespace "red": it is by a link that is left out`,
	}
	if !slices.Equal(left, wantLeft) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(left, "\n"), strings.Join(wantLeft, "\n"))
	}
}
