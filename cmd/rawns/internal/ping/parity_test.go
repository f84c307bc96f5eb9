package ping

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns"
	"rawns/ns/nstest"
)

// These tests run the stock ping and ours at the same moment, each in a scene
// of its own, and compare what they print and how they end, times aside.

// masks are what two runs of the same program differ in.
var masks = []struct{ re, to string }{
	{`time=[0-9.]+ ms`, "time=T ms"},
	{`time [0-9]+ms`, "time T"},
	{`[0-9.]+/[0-9.]+/[0-9.]+/[0-9.]+ ms`, "RTT"},
	{`ipg/ewma [0-9./]+`, "ipg/ewma G"},
	{`sock([46])\.fd: [0-9]+`, "sock$1.fd: N"},
	{`ident=[0-9]{3,}`, "ident=N"},
	{`(?m)^\[[0-9]+\.[0-9]{6}\]`, "[TIME]"},
	{`flow 0x[0-9a-f]{5}`, "flow F"},
	{`[0-9]+ absolute`, "N absolute"},
	{`\t[0-9]\n`, "\tN\n"}, // a step of -T
}

var compiled = sync.OnceValue(func() []*regexp.Regexp {
	var v []*regexp.Regexp
	for _, m := range masks {
		v = append(v, regexp.MustCompile(m.re))
	}
	return v
})

func mask(s, program string) string {
	s = strings.ReplaceAll(s, program+": ", "ping: ")
	for i, re := range compiled() {
		s = re.ReplaceAllString(s, masks[i].to)
	}
	return s
}

// execBoth runs both with the same arguments; the stock one's result is the
// first. scenes holds the namespaces for each, or is nil.
func execBoth(t *testing.T, scenes *[2]*ns.NS, args ...string) [2]nstest.Result {
	t.Helper()
	programs := [2]string{stock(t), applet(t)}
	var r [2]nstest.Result
	var wg sync.WaitGroup
	for i, p := range programs {
		wg.Go(func() {
			var n *ns.NS
			if scenes != nil {
				n = scenes[i]
			}
			r[i] = nstest.Exec(t, n, append([]string{p}, args...)...)
			r[i].Stdout, r[i].Stderr = mask(r[i].Stdout, p), mask(r[i].Stderr, p)
		})
	}
	wg.Wait()
	return r
}

// lo makes two namespaces with lo up.
func lo(t *testing.T, typ int) *[2]*ns.NS {
	var v [2]*ns.NS
	for i := range v {
		v[i] = nstest.New(t)
		nstest.Up(t, v[i], "lo")
		sockets(t, v[i], typ)
	}
	return &v
}

func forSockets(t *testing.T, f func(t *testing.T, typ int)) {
	for name, typ := range map[string]int{"datagram": unix.SOCK_DGRAM, "raw": unix.SOCK_RAW} {
		t.Run(name, func(t *testing.T) { f(t, typ) })
	}
}

func compare(t *testing.T, scenes *[2]*ns.NS, cases string) {
	t.Helper()
	for line := range strings.Lines(cases) {
		args := strings.Fields(line)
		for i, a := range args {
			if a == "''" {
				args[i] = ""
			}
		}
		if len(args) > 0 && args[0] == "64:" { // where the size of C's long shows
			if args = args[1:]; clockSize != 16 {
				continue
			}
		}
		if len(args) == 0 {
			continue
		}
		r := execBoth(t, scenes, args...)
		difftest.Note(t, "ping", "ping "+strings.Join(args, " "), difftest.Result(r[0] == r[1]), "")
		if r[0] != r[1] {
			t.Errorf("ping %s\nstock: exit code %d\n%s%s\nours: exit code %d\n%s%s", strings.Join(args, " "),
				r[0].Code, r[0].Stdout, r[0].Stderr, r[1].Code, r[1].Stdout, r[1].Stderr)
		}
		if r[0].Code < 0 || r[0].Stdout+r[0].Stderr == "" {
			t.Errorf("ping %s: the stock ping printed nothing: %+v", strings.Join(args, " "), r[0])
		}
	}
}

func TestParityLoopback(t *testing.T) {
	forSockets(t, func(t *testing.T, typ int) {
		compare(t, lo(t, typ), `
			-c1 127.0.0.1
			-c 3 -i 0.01 127.0.0.1
			-qc2 -i.01 127.0.0.1
			-c1 -n 127.1
			-c1 0
			-c1 -v 127.0.0.1
			-c1 -s 0 127.0.0.1
			64: -c1 -s 8 127.0.0.1
			64: -c1 -s 15 127.0.0.1
			-c1 -s 16 127.0.0.1
			-c1 -s 17 127.0.0.1
			-c1 -s 1400 127.0.0.1
			-c1 -s 65507 127.0.0.1
			-c2 -i 0.01 -s 65508 127.0.0.1
			-c1 -q -s 65508 -W 0.1 127.0.0.1
			-c1 -s 70000 -W 0.1 127.0.0.1
			-c1 -s 65527 ::1
			-c1 -s 65528 -W 0.1 ::1
			-c1 ::1
			-c2 -i 0.01 -q ::1
			-c1 -v ::1
			64: -c1 -s 15 ::1
			-c1 -4 localhost
			-c1 -4 -n localhost
			-c1 -I lo 127.0.0.1
			-c1 -I 127.0.0.1 127.0.0.1
			-c1 -I 127.0.0.2 -I lo 127.0.0.3
			-c1 -I lo ::1
			-c1 -I ::1 ::1
			-c1 -I ::1%lo ::1
			-c1 -t 1 127.0.0.1
			-c1 -t 255 ::1
			-w 1 -c 1 127.0.0.1
			-w 0 -c 1 127.0.0.1
			-w 1 -c 9 -i 0.6 127.0.0.1
			-c1 -W 0 127.0.0.1
			-c1 -W 0.1 ::
			-c1 -W 0.1 ::ffff:127.0.0.1
			-c1 -W 0.1 fe80::1%lo
			-c1 -W 0.1 fe80::1%1
			-c1 -W 0.1 fe80::1
			-c1 -W 0.1 -b 127.255.255.255
			-c2 -i 0.01 -R 127.0.0.1
			-c1 -T tsonly 127.0.0.1
			-c1 -T tsandaddr 127.0.0.1
			-c1 -T tsprespec 127.0.0.1 127.0.0.1
			-c1 -D 127.0.0.1
			-c3 -f 127.0.0.1
			-c3 -f -q ::1
			-c2 -A 127.0.0.1
			-c2 -A ::1
			-c3 -A 127.0.0.1
			-c3 -l 3 127.0.0.1
			-c1 -p ff00 -s 20 127.0.0.1
			-c1 -q -p ff 127.0.0.1
			-c1 -a -m 5 -M do -Q 0x10 -S 1000 -d -r -L -U -B 127.0.0.1
			-c1 -M dont -Q 16 -d -r -L -U -B ::1
			-c1 -e 5 -v 127.0.0.1
			-c1 -e 0 -v ::1
			127.0.0.1 -c 1
			-c1 -- 127.0.0.1
			-c1 -i 1x 127.0.0.1
			-c1 -W x 127.0.0.1
			-c1 -O 127.0.0.1
		`)
	})
}

func TestParityErrors(t *testing.T) {
	compare(t, lo(t, unix.SOCK_DGRAM), `
		-c
		-Z 127.0.0.1
		--help
		-q
		64: -c0 127.0.0.1
		-c x 127.0.0.1
		-c 99999999999999999999 127.0.0.1
		-s -1 127.0.0.1
		-s 12k 127.0.0.1
		-t 0 -c1 127.0.0.1
		-t 256 127.0.0.1
		-i '' 127.0.0.1
		-i nan 127.0.0.1
		-i 1e400 127.0.0.1
		-i 2147484 127.0.0.1
		-i 1073741 -l 3 127.0.0.1
		-W -1 127.0.0.1
		-w -1 127.0.0.1
		-l 0 127.0.0.1
		-p xyz 127.0.0.1
		-T x 127.0.0.1
		-T tsonly 127.0.0.1 127.0.0.1
		-R 127.0.0.1 127.0.0.1
		-R -T tsonly 127.0.0.1
		-M x 127.0.0.1
		-Q 256 127.0.0.1
		-Q x 127.0.0.1
		-F x ::1
		-F 0x100000 ::1
		-e 65536 ::1
		-4 -6 ::1
		-4 ::1
		-6 127.0.0.1
		10.1.1.1
		2001:db8::1
		fe80::1%nolo
		::1%lo
		''
		127.255.255.255
		255.255.255.255
		224.0.0.1
		-I nolo 127.0.0.1
		-I nolo ::1
		-I 10.0.0.1 127.0.0.1
		-I ::2 ::1
		-I ::1x ::1
		::1 ::1
	`)
}

// sceneAddresses are the same in both scenes, link-local ones included.
//
//	here 10.1.1.1 -- 10.1.1.2 router 10.2.1.1 -- 10.2.1.2 far
const sceneScript = `
set -e
ip link set lo up
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns $ROUTER
ip address add 10.1.1.1/24 dev v0
ip address add fd01::1/64 dev v0 nodad
ip link set v0 up
ip route add default via 10.1.1.2
ip route add unreachable 10.78.0.0/16
ip route add prohibit 10.79.0.0/16
ip route add blackhole 10.80.0.0/16
ip -n $ROUTER link set lo up
ip -n $ROUTER link add w0 address 02:00:00:00:00:03 type veth peer name w1 address 02:00:00:00:00:04 netns $FAR
ip -n $ROUTER address add 10.1.1.2/24 dev v1
ip -n $ROUTER address add fd01::2/64 dev v1 nodad
ip -n $ROUTER address add 10.2.1.1/24 dev w0
ip -n $ROUTER address add fd02::1/64 dev w0 nodad
ip -n $ROUTER link set v1 up
ip -n $ROUTER link set w0 up
ip -n $ROUTER route add unreachable 10.9.9.0/24
ip -n $ROUTER route add prohibit 10.9.8.0/24
ip -n $ROUTER route add blackhole 10.9.7.0/24
ip -n $ROUTER route add unreachable fd09::/64
ip -n $ROUTER route add prohibit fd08::/64
ip -n $FAR address add 10.2.1.2/24 dev w1
ip -n $FAR address add fd02::2/64 dev w1 nodad
ip -n $FAR link set w1 up
ip -n $FAR route add default via 10.2.1.1
ip -n $FAR route add default via fd02::1
ip route add default via fd01::2
`

// scene makes three namespaces in a row, for each of the two programs, and
// returns the first of either.
func scene(t *testing.T, typ int) *[2]*ns.NS {
	t.Helper()
	nstest.Need(t, "ip", "sh")
	var here [2]*ns.NS
	for i := range here {
		tag := "ping" + string(rune('a'+i))
		here[i] = nstest.NewNamed(t, tag)
		router, far := nstest.NewNamed(t, tag+"r"), nstest.NewNamed(t, tag+"f")
		for _, n := range []*ns.NS{here[i], router, far} {
			sysctl(t, n, "ipv6/conf/default/dad_transmits", "0")
			sysctl(t, n, "ipv6/conf/default/accept_dad", "0")
			sysctl(t, n, "ipv6/conf/default/router_solicitations", "0")
			sysctl(t, n, "ipv6/icmp/ratelimit", "0")
			sysctl(t, n, "ipv4/icmp_ratelimit", "0")
		}
		sysctl(t, router, "ipv4/ip_forward", "1")
		sysctl(t, router, "ipv6/conf/all/forwarding", "1")
		sockets(t, here[i], typ)
		nstest.Run(t, here[i], "sh", "-c", "ROUTER="+router.Name()+" FAR="+far.Name()+"\n"+sceneScript)
	}
	return &here
}

func TestParityNetwork(t *testing.T) {
	forSockets(t, func(t *testing.T, typ int) {
		compare(t, scene(t, typ), `
			-c1 10.1.1.2
			-c2 -i 0.01 10.2.1.2
			-c1 -I v0 10.1.1.2
			-c1 -I 10.1.1.1 10.2.1.2
			-c1 -I v0 -I 10.1.1.1 10.1.1.2
			-c1 -W 0.1 -I lo 10.1.1.2
			-c1 -W 0.1 -I v0 127.0.0.1
			-c1 -W 0.1 -I 127.0.0.1 10.1.1.2
			-c1 fd01::2
			-c2 -i 0.01 fd02::2
			-c1 -s 2000 fd02::2
			-c1 -I v0 fd01::2
			-c1 -I fd01::1 fd02::2
			-c1 -I lo fd01::2
			-c1 fe80::ff:fe00:2%v0
			-c1 -W 0.1 fe80::ff:fe00:2
			-c1 -I v0 fe80::ff:fe00:2
			-c1 -I fe80::ff:fe00:1%v0 fe80::ff:fe00:2
			-c1 -I fe80::ff:fe00:1%v0 fd01::2
			-c1 -I fe80::9%v0 fd01::2
			-c1 ff02::1%v0
			-c1 -W 0.1 -b 10.1.1.255
			-c1 10.1.1.255
			-c1 10.78.1.1
			-c1 10.79.1.1
			-c1 10.80.1.1
			-c1 -t 1 10.2.1.2
			-c2 -i 0.01 -t 1 fd02::2
			-c1 -v -t 1 10.2.1.2
			-c2 -i 0.01 -s 2000 -M do 10.1.1.2
			-c2 -i 0.01 -s 2000 -M do fd01::2
			-c1 -i 0.01 -q -W 0.1 -s 2000 -M do 10.1.1.2
			-c1 -C 10.1.1.2
			-c1 -R 10.2.1.2
			-c1 -T tsandaddr 10.2.1.2
			-c3 -f 10.2.1.2
		`)
	})
}

// The kernel allows a router five of these for one host, then one a second:
// hence few cases, in a scene of their own.
func TestParityUnreachable(t *testing.T) {
	forSockets(t, func(t *testing.T, typ int) {
		compare(t, scene(t, typ), `
			-c2 -i 0.01 10.9.9.1
			-c1 -q 10.9.9.1
			-c1 -w 1 -v 10.9.8.1
			-c1 -W 0.1 10.9.7.1
			-c2 -i 0.01 fd09::1
			-c2 -i 0.01 -f fd09::1
			-c1 -q fd08::1
			-c1 -w 1 fd08::1
			-D -c1 fd09::1
		`)
	})
}

// Nobody has the address: after three neighbour solicitations the kernel says
// so itself, for all the probes that waited.
func TestParityNoNeighbour(t *testing.T) {
	forSockets(t, func(t *testing.T, typ int) {
		here := scene(t, typ)
		for _, n := range here {
			sysctl(t, n, "ipv4/neigh/v0/retrans_time_ms", "100")
			sysctl(t, n, "ipv6/neigh/v0/retrans_time_ms", "100")
		}
		compare(t, here, `
			-c1 10.1.1.99
			-l2 -c2 10.1.1.98
			-c1 fd01::99
			-l2 -c2 fd01::98
			-c1 -W 0.05 10.1.1.97
			-O -c2 -i 0.05 -W 0.05 10.1.1.96
		`)
	})
}

// signalScript starts a ping that sends one packet in ten minutes, waits for
// the reply's line, asks for the status, waits for it, and interrupts.
const signalScript = `
"$1" -i 600 127.0.0.1 >out 2>err & p=$!
until grep -qs "bytes from" out; do sleep 0.01; done
kill -QUIT $p
until test -s err; do sleep 0.01; done
kill -INT $p
wait $p
code=$?
cat out
cat err >&2
exit $code
`

// A shell starts what runs in the background with SIGINT and SIGQUIT ignored.
func TestParitySignals(t *testing.T) {
	nstest.Need(t, "sh", "sleep", "grep", "cat")
	scenes := lo(t, unix.SOCK_DGRAM)
	var r [2]nstest.Result
	for i, p := range [2]string{stock(t), applet(t)} {
		dir := t.TempDir()
		script := filepath.Join(dir, "script")
		if err := os.WriteFile(script, []byte("cd "+dir+"\n"+signalScript), 0o666); err != nil {
			t.Fatal(err)
		}
		r[i] = nstest.Exec(t, scenes[i], "sh", script, p)
		r[i].Stdout, r[i].Stderr = mask(r[i].Stdout, p), mask(r[i].Stderr, p)
	}
	if r[0] != r[1] || r[0].Code != 0 || !strings.HasPrefix(r[0].Stderr, "\r1/1 packets, 0% loss, min/avg/ewma/max = RTT\n") {
		t.Errorf("stock: %+v\nours:  %+v", r[0], r[1])
	}
}

// Without the right to open any socket the hint follows what iputils says.
func TestParityNotPermitted(t *testing.T) {
	nstest.Need(t, "setpriv")
	here := lo(t, unix.SOCK_RAW)
	var r [2]nstest.Result
	plain := filepath.Join(t.TempDir(), "ping") // a copy has no capabilities
	program, err := os.ReadFile(stock(t))
	if err == nil {
		err = os.WriteFile(plain, program, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range [2]string{plain, applet(t)} {
		r[i] = nstest.Exec(t, here[i], "setpriv", "--inh-caps=-all", "--bounding-set=-all", p, "-c1", "127.0.0.1")
		r[i].Stderr = mask(r[i].Stderr, p)
	}
	ours, hint, _ := strings.Cut(r[1].Stderr, "Hint: ")
	if r[0].Code != 2 || r[1].Code != 2 || ours != r[0].Stderr || !strings.Contains(hint, "cap_net_raw+ep") || !strings.Contains(hint, "ping_group_range='0 0'") {
		t.Errorf("stock: %+v\nours:  %+v", r[0], r[1])
	}
}
