package topo

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// described is what the stock tool says of a namespace, without indexes, MAC
// addresses that the kernel drew, and what changes by itself.
func described(t *testing.T, n *ns.NS) string {
	t.Helper()
	var out strings.Builder
	for _, args := range []string{"-d addr", "-d -4 route show table all", "-d -6 route show table all"} {
		var list []map[string]any
		stockJSON(t, n, &list, strings.Fields(args)...)
		slices.SortStableFunc(list, func(a, b map[string]any) int {
			return strings.Compare(fmt.Sprint(a["ifname"]), fmt.Sprint(b["ifname"]))
		})
		for _, m := range list {
			if m["type"] == "multicast" || strings.HasPrefix(fmt.Sprint(m["dst"]), "fe80:") {
				continue
			}
			strip(m)
			b, _ := json.Marshal(m)
			out.Write(b)
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// stockJSON reads what the stock tool says. It leaves control bytes of names as
// they are, which JSON does not know.
func stockJSON(t *testing.T, n *ns.NS, list any, args ...string) {
	t.Helper()
	text := strings.TrimSpace(nstest.Run(t, n, append([]string{"ip", "-j"}, args...)...))
	var b []byte
	for _, c := range []byte(text) {
		if c < ' ' {
			b = fmt.Appendf(b, `\u%04x`, c)
		} else {
			b = append(b, c)
		}
	}
	if err := json.Unmarshal(b, list); err != nil {
		t.Fatalf("%v: %q", err, b)
	}
}

// strip takes away what no two makings of one topology have in common.
func strip(m map[string]any) {
	for k, v := range m {
		switch k {
		case "ifindex", "link_index", "link_netnsid", "link_netns", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer", "bridge_id", "root_id",
			"designated_bridge", "designated_root", "hold_timer", "message_age_timer", "forward_delay_timer", "valid_life_time", "preferred_life_time",
			"tentative", "operstate", "state", "root_port", "topology_change", "topology_change_detected", "designated_port", "no", "port_no":
			delete(m, k)
		case "flags":
			list, _ := v.([]any)
			m[k] = slices.DeleteFunc(list, func(f any) bool {
				return slices.Contains([]any{"NO-CARRIER", "LOWER_UP", "M-DOWN", "linkdown", "dead"}, f)
			})
		case "address", "id", "port_id":
			if a := fmt.Sprint(v); k == "address" && !strings.HasPrefix(a, "02:00:00:00:00:") || strings.HasPrefix(a, "0x") {
				delete(m, k)
			}
		}
		switch v := v.(type) {
		case map[string]any:
			strip(v)
		case []any:
			for _, e := range v {
				if e, ok := e.(map[string]any); ok {
					strip(e)
				}
			}
			if k == "addr_info" {
				m[k] = slices.DeleteFunc(v, func(e any) bool { return strings.HasPrefix(fmt.Sprint(e.(map[string]any)["local"]), "fe80:") })
			}
		}
	}
}

// The files whose scripts are held against what Apply makes.
var scriptFiles = map[string]string{
	"article": strings.ReplaceAll(articleText, "http_server", "sleep 98765"),
	"star": `netns n{1..12}
pool lan 10.0.0.0/16
bridge hub addr lan
veth v{1..12} master hub peer n{1..12}:eth0 addr lan
link n{1..12}:lo up
route default via hub netns n{1..12}
`,
	"chain": `netns left right r{1..3}
veth left:eth0 addr 10.1.0.2/24 mtu 1400 peer r1:west addr 10.1.0.1/24 mtu 1400
veth r{1..2}:east addr 10.9.{1..2}.1/30 peer r{2..3}:west addr 10.9.{1..2}.2/30
veth r3:east addr 10.2.0.1/24 peer right:eth0 addr 10.2.0.2/24
route default via r1:west netns left
route default via r3:east netns right
route 10.2.0.0/24 via r{2..3}:west netns r{1..2}
route 10.1.0.0/24 via r{1..2}:east netns r{2..3}
route 10.9.2.0/30 via r2:west netns r1 metric 77 mtu 1300
route blackhole 10.0.0.0/8 netns r{1..3} table 1234
route unreachable fd00:dead::/32 netns r1
route default via fe80::1 dev east netns r1
route 192.0.2.0/24 via fe80::1 dev east netns r1
route 192.0.3.0/24 via 198.51.100.1 dev east onlink netns r1
sysctl net.ipv4.ip_forward=1 netns r{1..3}
sysctl net.ipv4.conf.east.rp_filter=2 netns r{1..2}
sysctl "net.ipv4.ping_group_range=0 0" netns left
sysctl net.ipv6.conf.all.disable_ipv6=1 netns right
service right sleep 98765
service r{1..3} /bin/sh -c "exec sleep 98765; echo '{}\"$x'"
`,
	"mesh": `netns n{1..5}
veth n{1,1,1,1,2,2,2,3,3,4}:to{2,3,4,5,3,4,5,4,5,5} addr 10.0.{0..9}.1/30 \
    peer n{2,3,4,5,3,4,5,4,5,5}:to{1,1,1,1,2,2,2,3,3,4} addr 10.0.{0..9}.2/30
`,
	"kinds": `netns a b
bridge a:sw stp_state kernel priority 0x1000 ageing_time 10000 mcast_snooping off nf_call_iptables on group_fwd_mask 8 forward_delay 400 mtu 1400
veth a:p0 master sw isolated 1 learning off hairpin on guard off fastleave on flood off cost 77 priority 7 neigh_suppress on alias "it's \"p0\" {}" \
    peer b:eth0 address 02:00:00:00:00:07 addrgenmode none txqueuelen 17 addr 10.3.0.2/24
veth a:under addr 192.0.2.1/30 peer b:under addr 192.0.2.2/30
vxlan a:vx0 id 42 dstport 4789 local 192.0.2.1 remote 192.0.2.2 dev under learning 0 udpcsum on ttl 7 tos 0x10 ageing 100 addr 10.42.0.1/24
vxlan b:vx1 id 0x2b dstport 4789 group 239.1.1.1 dev under addr fd42::1/64
vxlan vx2 id 44 remote fd00::9 master top
bridge top addr 127.9.9.9/8 addr 192.0.2.77/32 addr 10.7.0.1/31
macvlan b:m0 link a:under mode vepa address 02:00:00:00:00:08 addr 10.4.0.1/24
macvlan m1 link top mode 4 down
macvlan a:m2 link top addrgenmode random
bridge b:d0 mtu 9000 txqueuelen 10 addr 10.5.0.1/32 addr fd05::1/128
bridge d1 down addr 10.6.0.1/24
link b:lo up mtu 30000
bridge b:inner
veth a:q0 peer b:q1 master inner cost 9
veth a:s0 master sw isolated on peer b:s1 master inner hairpin on
macvlan m4 link a:under mode private master top
macvlan b:m3 link a:under mode private master inner isolated on
`,
	"odd": `netns "my lab" "a'b" -x "$HOME" "*" "a\nb" "\x1b[31m\xffx" é ns:colon 7 "{}" "a\"b" "\\" up
bridge "my lab:up" addr 10.1.0.1/24
bridge -l
bridge a'b:*
bridge type
bridge name alias "\x1b]0;x\x07\n"
veth "$x" master -l peer "$HOME:#x" addr 10.2.0.1/24
veth "-x:it's" peer "*:*" mtu 1300 address 02:00:00:00:00:01
veth "a\nb:\\" peer "\x1b[31m\xffx:\x1b[31m" alias "$(touch /tmp/pwned) ` + "`id`" + ` '"
veth é:é peer ns:colon:"a\"b" master dev
bridge ns:colon:dev
veth 7:7 peer "{}:{}" addr 10.9.0.1/24
macvlan "up:set" link type mode bridge
macvlan "a\"b:link" link name
bridge "\\:mtu" addr 10.8.0.1/24
bridge "\\:master"
vxlan up:up id 7 dev dev
bridge up:dev
route 10.77.0.0/16 via 10.2.0.2 dev "#x" netns "$HOME"
sysctl "net.ipv4.conf.#x.forwarding=1" netns "$HOME"
service "\\" sleep 98765
`,
}

// What a script of ScriptLines makes with the stock tools is what Apply makes.
func TestScripts(t *testing.T) {
	nstest.Sandbox(t)
	nstest.Need(t, "ip", "sysctl", "setsid")
	for name, text := range scriptFiles {
		t.Run(name, func(t *testing.T) {
			s := specOf(t, name, text)
			p, err := s.Plan(nil)
			if err != nil {
				t.Fatal(err)
			}
			script := "set -e\n"
			for i := range p.Steps {
				script += p.Steps[i].ScriptLine() + "\n"
			}
			for i, c := range []byte(script) {
				if c < ' ' && c != '\n' || c == 0x7f {
					t.Fatalf("a control byte in %q", script[max(0, i-20):i+1])
				}
			}
			ours := making(t, s, func() error {
				r, err := Apply(p, Options{})
				if err == nil {
					r.Close()
				}
				return err
			})
			theirs := making(t, s, func() error {
				cmd := exec.Command("/bin/sh", "-s")
				cmd.Stdin = strings.NewReader(script)
				if out, err := cmd.CombinedOutput(); err != nil {
					return fmt.Errorf("%v: %s", err, out)
				}
				return nil
			})
			for i := range ours {
				if ours[i] == theirs[i] {
					continue
				}
				a, b := strings.Split(ours[i], "\n"), strings.Split(theirs[i], "\n")
				for n := range max(len(a), len(b)) {
					if n >= len(a) || n >= len(b) || a[n] != b[n] {
						t.Errorf("namespace %d, line %d\nours   %s\ntheirs %s", i, n, strings.Join(a[n:min(n+1, len(a))], ""), strings.Join(b[n:min(n+1, len(b))], ""))
						break
					}
				}
			}
			if t.Failed() {
				t.Logf("%.3000s", script)
			}
		})
	}
}

// sleepsIn tells whether a service, which is a sleep, is in a namespace.
func sleepsIn(n *ns.NS) bool {
	dev, ino := n.Inode()
	files, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, f := range files {
		var st unix.Stat_t
		if unix.Stat(f, &st) != nil || uint64(st.Dev) != dev || st.Ino != ino {
			continue
		}
		if b, _ := os.ReadFile(filepath.Dir(filepath.Dir(f)) + "/cmdline"); strings.HasPrefix(string(b), "sleep\x00") {
			return true
		}
	}
	return false
}

// making makes a topology, and returns what each of its namespaces is then; the
// host's, a new one, first. All of it is gone afterwards.
func making(t *testing.T, s *Spec, make func() error) (out []string) {
	t.Helper()
	host := nstest.New(t)
	defer func() {
		for i := range s.Namespaces {
			if n, err := ns.Open(s.Namespaces[i].Name); err == nil {
				runningIn(t, n)
				n.Close()
				ns.Delete(s.Namespaces[i].Name)
			}
		}
	}()
	if err := host.Do(make); err != nil {
		t.Fatal(err)
	}
	look := func(space string, n *ns.NS) {
		settle(t, n)
		text := described(t, n)
		n.Do(func() error {
			for _, c := range s.Sysctls {
				if c.NS == space {
					v, err := os.ReadFile(sysctlPath(c.Key))
					text += fmt.Sprintf("%s %s %v\n", c.Key, v, err)
				}
			}
			return nil
		})
		for _, argv := range runningIn(t, n) {
			text += fmt.Sprintf("service %q\n", argv)
		}
		out = append(out, text)
	}
	for _, service := range s.Services {
		if service.NS == "" {
			continue
		}
		n, err := ns.Open(service.NS)
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); !sleepsIn(n) && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // a script's goes there by itself, while the script ends
		}
		n.Close()
	}
	look("", host)
	for i := range s.Namespaces {
		name := s.Namespaces[i].Name
		n, err := ns.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		look(name, n)
		n.Close()
	}
	return out
}

// settle waits until no address of a link with carrier is tentative: the kernel
// makes the routes to an IPv6 address when it knows that nobody else has it.
func settle(t *testing.T, n *ns.NS) {
	t.Helper()
	for range 400 {
		var list []struct {
			Operstate string
			Addrs     []struct {
				Local     string
				Tentative bool
			} `json:"addr_info"`
		}
		stockJSON(t, n, &list, "-6", "addr")
		waits := false
		for _, l := range list {
			for _, a := range l.Addrs {
				waits = waits || a.Tentative && l.Operstate == "UP" && !strings.HasPrefix(a.Local, "fe80:")
			}
		}
		if !waits {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Error("addresses are tentative for ten seconds")
}

// runningIn returns the commands of the services that run in a namespace, and
// ends them. A service may be on its way yet: each file's have "98765" in them.
func runningIn(t *testing.T, n *ns.NS) (argvs []string) {
	t.Helper()
	dev, ino := n.Inode()
	var pids []int
	files, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, f := range files {
		var st unix.Stat_t
		pid, _ := strconv.Atoi(strings.Split(f, "/")[2])
		if unix.Stat(f, &st) != nil || uint64(st.Dev) != dev || st.Ino != ino || pid == os.Getpid() {
			continue
		}
		for range 200 { // the shell that will be the service, or "ip netns exec"
			b, _ := os.ReadFile(filepath.Dir(filepath.Dir(f)) + "/cmdline")
			if argv := strings.Split(strings.Trim(string(b), "\x00"), "\x00"); argv[0] == "sleep" {
				argvs = append(argvs, strings.Join(argv, " "))
				pids = append(pids, pid)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	for _, pid := range pids {
		unix.Kill(pid, unix.SIGKILL)
	}
	for range pids { // those that are ours to wait for
		unix.Wait4(-1, nil, unix.WNOHANG, nil)
	}
	slices.Sort(argvs)
	return argvs
}
