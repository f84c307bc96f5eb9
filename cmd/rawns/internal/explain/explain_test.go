package explain

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/arp"
	"rawns/cmd/rawns/internal/brctl"
	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/difftest"
	"rawns/cmd/rawns/internal/ifconfig"
	"rawns/cmd/rawns/internal/ip"
	"rawns/cmd/rawns/internal/route"
	"rawns/nl"
	"rawns/nl/explain"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) {
	if line := os.Getenv("EXPLAIN_LINE"); line != "" {
		code := Run(append([]string{"explain"}, strings.Fields(line)...), find)
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	if text := os.Getenv("EXPLAIN_SEND"); text != "" {
		sendAll(text)
		os.Exit(0)
	}
	nstest.Main(m)
}

func find(name string) cli.Applet {
	return map[string]cli.Applet{"ip": ip.Run, "bridge": ip.RunBridge, "brctl": brctl.Run, "ifconfig": ifconfig.Run, "route": route.Run, "arp": arp.Run}[name]
}

// run explains, and returns what it says and its exit code.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	stdout, stderr := cli.Stdout, cli.Stderr
	defer func() { cli.Stdout, cli.Stderr = stdout, stderr }()
	cli.Stdout, cli.Stderr = cli.NewBuffer(), cli.NewBuffer()
	code = Run(append([]string{"explain"}, args...), find)
	if cli.Dry != nil {
		t.Fatal("the dry run goes on")
	}
	return string(cli.Stdout.B), string(cli.Stderr.B), code
}

// A sent is a message as --json tells of it.
type sent struct {
	Message, Title, Bytes  string
	Kernel, Replies, Notes []string
	Spans                  []struct {
		Offset, Length, Depth  int
		Name, Kind, Value, Why string
	}
}

func messages(t *testing.T, args ...string) []sent {
	t.Helper()
	out, errs, code := run(t, append([]string{"--json"}, args...)...)
	if code != 0 {
		t.Fatalf("%q: exit code %d, %s", args, code, errs)
	}
	var ms []sent
	if err := json.Unmarshal([]byte(out), &ms); err != nil {
		t.Fatalf("%q: %v in %s", args, err, out)
	}
	return ms
}

type golden struct {
	line string
	msg  []byte
}

func goldens(t *testing.T) (gs []golden) {
	for _, name := range []string{"addr", "bridge", "encap", "kinds", "link", "neigh", "nexthop", "route", "rule", "tunnel", "vf"} {
		text, err := os.ReadFile(filepath.Join("..", "ip", "testdata", name+".golden"))
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(text)) {
			l = strings.TrimSpace(l)
			if caption, ok := strings.CutPrefix(l, "$ "); ok {
				gs = append(gs, golden{line: caption})
				continue
			}
			b, err := hex.DecodeString(strings.ReplaceAll(l, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			gs[len(gs)-1].msg = append(gs[len(gs)-1].msg, b...)
		}
	}
	return gs
}

// masked returns messages without what differs from run to run: sequence
// numbers, indexes of interfaces, descriptors; and, of those that ask, the flags
// that are added when they are sent.
func masked(p []byte) string {
	p = append([]byte(nil), p...)
	name := ""
	for m := range nl.Messages(p) {
		if m.Type()&3 == 2 {
			m[6], m[7] = 1, 0
		}
	}
	for _, s := range explain.Spans(p, explain.Options{}) {
		name = s.Name
		if name == "IFLA_EXT_MASK" && s.Kind == explain.U32 {
			p[s.Offset] &^= 8 // which of the counters are left out: not as the stock tools, on purpose
		}
		if s.Kind == explain.Index || name == "NETCONFA_IFINDEX" && s.Kind == explain.S32 || name == "nlmsg_seq" || (name == "IFLA_NET_NS_FD" || name == "IFLA_NET_NS_PID") && s.Kind == explain.U32 {
			clear(p[s.Offset : s.Offset+s.Length])
		}
	}
	return string(p)
}

// What a command would send is what the stock tools send: the requests that
// were captured from these are among what is explained, byte for byte.
func TestExplainsWhatStockToolsSend(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("run by TestExplains: the golden requests are a little-endian machine's")
	}
	same, others := 0, 0
	for _, g := range goldens(t) {
		if strings.ContainsAny(g.line, ";#$") {
			continue
		}
		ms := messages(t, difftest.Words(g.line)...)
		all := map[string]bool{}
		for _, m := range ms {
			p, err := hex.DecodeString(m.Bytes)
			if err != nil || nl.Check(p) != nil && len(p) > 0 {
				t.Fatalf("%s: %s", g.line, m.Bytes)
			}
			all[masked(p)] = true
			at := 0
			for _, s := range m.Spans {
				if s.Offset != at || s.Kind == "raw" || s.Kind == "broken" {
					t.Errorf("%s: %+v", g.line, s)
				}
				at += s.Length
			}
			if at != len(p) {
				t.Errorf("%s: the spans end at %d of %d bytes", g.line, at, len(p))
			}
		}
		for m := range nl.Messages(g.msg) {
			if !all[masked(m)] {
				others++
				t.Errorf("%s: stock\n%x\nexplained %v", g.line, masked(m), all)
			}
			same++
		}
	}
	if same < 400 || others > 0 {
		t.Errorf("%d lines send the same", same)
	}
}

func TestExplains(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"ip link add vethtest01 type veth peer name vethest002 netns blue", "RTM_NEWLINK make a link of the kind veth"},
		{"ip netns add blue", ""},
		{"ip -n blue addr add 10.1.1.2/16 dev vethest002", "RTM_GETLINK ask for a link|RTM_NEWADDR make an address"},
		{"ip link show", "RTM_GETLINK list links"},
		{"ip addr", "RTM_GETADDR list addresses|RTM_GETLINK list links"},
		{"ip route show table all", "RTM_GETROUTE list routes"},
		{"ip neigh flush dev lo", "RTM_GETLINK ask for a link|RTM_GETNEIGH list neighbours"},
		{"ip link set lo up", "RTM_GETLINK ask for a link|RTM_NEWLINK change a link"},
		{"bridge fdb", "RTM_GETNEIGH list forwarding entries"},
		{"brctl addbr br0", "RTM_NEWLINK make a link of the kind bridge"},
		{"brctl addif br0 v0", "RTM_GETLINK ask for a link|RTM_GETLINK ask for a link|RTM_NEWLINK change a link"},
		{"ifconfig v0 10.0.0.1 netmask 255.255.0.0 up", ""},
		{"route add -net 10.0.0.0/8 gw 10.1.0.1", "RTM_GETROUTE ask for a route|RTM_NEWROUTE make a route"},
		{"arp -d 10.0.0.9", "RTM_GETROUTE ask for a route|RTM_GETLINK ask for a link|RTM_DELNEIGH remove a neighbour"},
		{"rawns ip rule add from 10.0.0.0/8 table 5", "RTM_NEWRULE make a rule"},
	} {
		var got []string
		notes := ""
		for _, m := range messages(t, strings.Fields(c.line)...) {
			if m.Message != "" {
				got = append(got, m.Message+" "+m.Title)
			}
			notes += strings.Join(m.Notes, "\n")
		}
		if s := strings.Join(got, "|"); s != c.want && !strings.HasSuffix(s, "|"+c.want) {
			t.Errorf("%s: %s, want %s", c.line, s, c.want)
		}
		if c.want == "" && !strings.Contains(notes, "no netlink") {
			t.Errorf("%s: notes %q", c.line, notes)
		}
	}
	out, _, _ := run(t, "--no-color", "ip", "link", "set", "no-such0", "master", "no-such1")
	for _, want := range []string{"* index 1001 stands for no-such1, which is not here: made up\n", `ifi_index         1002, "no-such0"`, `IFLA_MASTER       1001, "no-such1"`, "# the bridge (or bond, VRF)", "  the kernel: rtnetlink_rcv_msg > rtnl_newlink > do_setlink\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	brief, _, _ := run(t, "--brief", "--color", "ip", "link", "set", "no-such0", "up")
	if strings.Contains(brief, "# ") || strings.Contains(brief, "the kernel:") || !strings.Contains(brief, "\x1b[1mnlmsg_len") {
		t.Errorf("brief, in colours:\n%s", brief)
	}
}

func TestHex(t *testing.T) {
	var b nl.Builder
	b.Message(unix.RTM_GETLINK, unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	b.Extend(16)
	p, _ := b.Bytes()
	want := explain.AppendText(nil, p, explain.TextOptions{Brief: true})
	digits := hex.EncodeToString(p)
	spaced, strace := "", ""
	for i := range p {
		spaced += digits[2*i:2*i+2] + " "
		strace += `\x` + digits[2*i:2*i+2]
	}
	for _, form := range []string{digits, strings.ToUpper(digits), spaced, strace, `"` + strace + `"`, "0x" + digits, strings.TrimSpace(strings.ReplaceAll(spaced, " ", ", "))} {
		if out, errs, code := run(t, "--brief", "--hex", form); code != 0 || out != string(want) {
			t.Errorf("%s: %d, %s%s", form, code, out, errs)
		}
	}
	if out, _, code := run(t, append([]string{"--brief", "--hex"}, strings.Fields(spaced)...)...); code != 0 || out != string(want) {
		t.Errorf("in words: %d, %s", code, out)
	}
	if out, _, _ := run(t, "--brief", "--big-endian", "--hex=00000014 0003 0000 00000001 00000000 00000000"); !strings.Contains(out, "NLMSG_DONE (3)") || !strings.Contains(out, "0, the list is complete") {
		t.Errorf("big-endian: %s", out)
	}
	if out, _, _ := run(t, "--brief", "--protocol", "generic", "--little-endian", "--hex", "14000000 1000 0500 00000000 00000000 01020304"); !strings.Contains(out, "16 of NETLINK_GENERIC") {
		t.Errorf("another protocol: %s", out)
	}
}

// A capture: a request of rtnetlink, its refusal, which is explained with it,
// and a packet of another protocol.
func TestFile(t *testing.T) {
	var b nl.Builder
	b.Message(unix.RTM_NEWLINK, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b.Extend(16)
	at := b.Size()
	b.U16(4, 9000) // IFLA_MTU, two bytes short
	req, _ := b.Bytes()
	req = append([]byte(nil), req...)
	binary.NativeEndian.PutUint32(req[8:], 77)
	b.Reset()
	b.Message(unix.NLMSG_ERROR, unix.NLM_F_CAPPED|unix.NLM_F_ACK_TLVS)
	p := b.Extend(20)
	binary.NativeEndian.PutUint32(p, uint32(0xffffffff-21)) // -EINVAL
	copy(p[4:], req[:16])
	b.U32(2, uint32(at))
	ack, _ := b.Bytes()
	ack = append([]byte(nil), ack...)
	binary.NativeEndian.PutUint32(ack[8:], 77)
	file := explain.AppendPcap(nil)
	file = explain.AppendPacket(file, 1e9, unix.NETLINK_ROUTE, true, req)
	file = explain.AppendPacket(file, 2e9+5000, unix.NETLINK_ROUTE, false, ack)
	file = explain.AppendPacket(file, 3e9, unix.NETLINK_GENERIC, true, append(req[:16:16], 1, 2, 3, 4))
	name := filepath.Join(t.TempDir(), "f.pcap")
	if err := os.WriteFile(name, file, 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "--file", name)
	for _, want := range []string{
		"* packet 1, 1.000000 s\n", "* packet 2, 2.000005 s\n", "* packet 3, 3.000000 s, NETLINK_GENERIC\n", "RTM_NEWLINK: change a link, ",
		"IFLA_MTU          2 bytes where 4 would be right", "NLMSG_ERROR: refused: -22 EINVAL: invalid argument, ", "NLMSGERR_ATTR_OFFS  32, IFLA_MTU", "16 of NETLINK_GENERIC",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%d, %s: no %q in\n%s", code, errs, want, out)
		}
	}
	var ms []sent
	out, _, _ = run(t, "--json", "--file", name)
	if err := json.Unmarshal([]byte(out), &ms); err != nil || len(ms) < 3 || ms[1].Message != "NLMSG_ERROR" || ms[0].Notes[0] != "packet 1, 1.000000 s" {
		t.Errorf("%v: %s", err, out)
	}
	if err := os.WriteFile(name, file[:len(file)-3], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, "--file", name); code != 1 || !strings.Contains(errs, "the capture breaks off") {
		t.Errorf("cut: %d, %s", code, errs)
	}
	if err := os.WriteFile(name, []byte("hello, world"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, "--file", name); code != 1 || !strings.Contains(errs, "neither pcap nor pcapng") {
		t.Errorf("no capture: %d, %s", code, errs)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{}, "Usage:", 2},
		{[]string{"ping", "10.0.0.1"}, "the messages of ping cannot be had without a kernel", 2},
		{[]string{"--hex", "0g"}, "is not hexadecimal", 2},
		{[]string{"--hex", "0"}, "an odd number of digits", 2},
		{[]string{"--hex"}, "a value is missing behind --hex", 2},
		{[]string{"--nonsense=1", "x"}, "no option is called --nonsense", 2},
		{[]string{"--protocol", "nonsense", "x"}, "is no netlink protocol", 2},
		{[]string{"--file", "/no/such/file"}, "/no/such/file: No such file or directory", 1},
		{[]string{"ip", "link", "nonsense"}, `Command "nonsense" is unknown`, 255},
		{[]string{"ip", "-batch", "/no/such/file"}, `Cannot open file "/no/such/file"`, 1},
	} {
		out, errs, code := run(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%q: exit code %d, %q, %q", c.args, code, out, errs)
		}
	}
}

// What a learner would ask: a command that is nothing but a look-up shows it, a
// list's header does not pretend to set something, and a command that breaks off
// says why.
func TestLearner(t *testing.T) {
	for _, c := range []struct{ line, want, not string }{
		{"ip link show dev lo", "RTM_GETLINK: ask for a link, ", "for it makes one"},
		{"ip link show dev lo", "# the link of this name\n", "IFLA_IFNAME that"},
		{"ip netns set blue 5", "RTM_NEWNSID: give a namespace an id, ", "no CREATE"},
		{"ip netns set blue 5", "* descriptor 3 stands for the namespace blue, opened from /run/netns: made up\n", "cannot"},
		{"ip route show", "# if it is not 0: only routes that have the same\n", "blackhole"},
		{"ip addr show", "# of this interface alone; 0: of every one\n", "bits of the address"},
		{"ip addr flush dev lo", "* the list is empty here; for each thing in it a request to remove it would follow\n", "nothing is sent"},
		{"ip route del default", "# if it is not 0: only what has the same\n", "blackhole"},
		{"ip link del lo", "RTM_DELLINK: remove a link, ", "UP brings it up"},
		{"ip link set lo name lo2", "# the new name; if ifi_index is 0, the link that is meant\n", "makes one of the kind"},
		{"ip route add 10.3.0.0/16 nexthop via 10.0.0.1 dev lo weight 2 nexthop via 10.0.0.2 dev lo", "# the weight, less one\n", "nlattr"},
		{"bridge vlan add dev lo vid 10-20 pvid", "lead it: pvid cannot be configured for a vlan range\n", "RTM_GETLINK: ask"},
	} {
		out, errs, code := run(t, append([]string{"--no-color"}, strings.Fields(c.line)...)...)
		if code != 0 || errs != "" || !strings.Contains(out, c.want) || strings.Contains(out, c.not) {
			t.Errorf("%s: %d, %q, without %q or with %q\n%s", c.line, code, errs, c.want, c.not, out)
		}
	}
}

// A batch: each line is said before what comes of it, up to one that makes no
// sense, and beyond with -force.
func TestBatch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "batch")
	if err := os.WriteFile(file, []byte("link add br77 type bridge # first\n\naddr add 10.0.0.1/24 \\\n dev br77\nnetns add x\naddr nonsense\nlink set br77 up\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "--brief", "ip", "-batch", file)
	at := 0
	for _, want := range []string{"* line 1: ip link add br77 type bridge\n\nRTM_NEWLINK: make a link of the kind bridge", "* line 4: ip addr add 10.0.0.1/24 dev br77\n",
		"stands for br77, which is not here: made up\n", "RTM_NEWADDR: make an address, ", `IFA_LOCAL         10.0.0.1`, "* line 5: ip netns add x\n* no netlink: mkdir /run/netns", "* line 6: ip addr nonsense\n"} {
		i := strings.Index(out[at:], want)
		if i < 0 {
			t.Fatalf("no %q behind\n%s\nin\n%s", want, out[:at], out)
		}
		at += i
	}
	if code != 255 || !strings.Contains(errs, `Command "nonsense" is unknown`) || strings.Contains(out, "line 7") || strings.Contains(out, "kernel's answer") {
		t.Errorf("%d, %q\n%s", code, errs, out)
	}
	out, errs, code = run(t, "--json", "ip", "-force", "-n", "blue", "-batch", file)
	var list []sent
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) == 0 || code != 255 || errs == "" {
		t.Errorf("%v, %d, %q\n%s", err, code, errs, out)
	} else if n := list[0].Notes; len(n) < 2 || !strings.HasPrefix(n[0], "the socket is opened in the namespace blue") || n[1] != "line 1: ip link add br77 type bridge" {
		t.Errorf("%q", n)
	}
}

// Nothing is sent, and nothing else is done: no socket of netlink is opened, no
// namespace entered or made, nothing written but the explanation.
func TestNothingIsDone(t *testing.T) {
	nstest.Need(t, "strace")
	for _, line := range []string{
		"ip link add vethtest01 type veth peer name vethest002 netns blue", "ip -n blue link set lo up", "ip netns add blue", "ip netns delete blue",
		"ip netns exec blue true", "ip netns set blue 5", "ip tuntap add t0 mode tap", "ip maddress add 01:00:5e:00:00:01 dev lo", "ip route flush cache",
		"ip addr flush dev lo", "ip link show", "ip monitor", "ip vrf exec red true", "ip xfrm state", "bridge vlan show", "brctl setageing br0 5", "brctl showmacs br0",
		"brctl addif br0 v0", "ifconfig lo 127.0.0.2 up", "ifconfig lo hw ether 02:00:00:00:00:01", "ifconfig lo mtu 1500", "route", "arp -a", "arp -d 10.0.0.0 pub",
	} {
		cmd := exec.Command("strace", "-qq", "-f", "-e", "trace=socket,bind,connect,sendto,sendmsg,ioctl,mount,umount2,unshare,setns,openat,unlink,unlinkat,mkdir,mkdirat,mknod,execve", "-e", "signal=none", os.Args[0])
		cmd.Env = append(os.Environ(), "EXPLAIN_LINE="+line)
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil || len(out) == 0 {
			t.Errorf("%s: %v, %s%s", line, err, out, errs.String())
		}
		ours := false // behind the first look at a file that the line needs
		for l := range strings.Lines(errs.String()) {
			call := l
			if _, rest, ok := strings.Cut(l, "] "); ok && strings.HasPrefix(l, "[pid") {
				call = rest
			}
			switch {
			case strings.HasPrefix(call, "execve("):
				if ours {
					t.Errorf("%s: %s", line, l)
				}
				ours = true
			case strings.HasPrefix(call, "openat("):
				if strings.Contains(call, "O_WRONLY") || strings.Contains(call, "O_RDWR") && !strings.Contains(call, "/dev/null") || strings.Contains(call, "O_CREAT") {
					t.Errorf("%s: %s", line, l)
				}
			case strings.HasPrefix(call, "socket(AF_UNIX") || strings.HasPrefix(call, "socket(AF_INET, SOCK_DGRAM"):
				// where ioctl(2) would be called on
			case strings.HasPrefix(call, "???("):
				// strace let go of a thread as it ended
			case strings.Contains(call, "(") && !strings.HasPrefix(call, "+++"):
				if !strings.HasPrefix(call, "ioctl(1, TC") && !strings.HasPrefix(call, "ioctl(0, TC") && !strings.HasPrefix(call, "ioctl(2, TC") {
					t.Errorf("%s: %s", line, l)
				}
			}
		}
	}
}
