// Package trace is what the options --trace, --step and --pcap are, before any
// applet: it shows the conversation with the kernel as it happens, and keeps it.
package trace

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/explain"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// envVar hands the options on to the process in demo's sandbox.
const envVar = "RAWNS_TRACE"

// A tracer is told of system calls and datagrams, by any thread.
type tracer struct {
	mu    sync.Mutex
	out   *cli.Out
	say   bool // what happens
	full  bool // answers, too, byte by byte
	step  bool // wait before each datagram that is sent
	color bool
	pcap  *os.File
	talks map[*nl.Conn]*talk
}

// A talk is a conversation on one Conn.
type talk struct {
	requests explain.Requests
	took     func() time.Duration // since the request; no time.Time, see docs/size.md
	names    map[int32]string     // of interfaces, as the kernel told
	mighty   bool                 // as ns.Rights said when the socket was opened
	owner    string
}

// Options takes the options in front of an applet's name off args, which begin
// with it, and begins to trace. code is 0 if all is well.
func Options(args []string) (rest []string, code int) {
	words := []string{}
	t := &tracer{}
	file := ""
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		w := args[0]
		switch {
		case w == "--trace":
			t.say = true
		case w == "--trace=full":
			t.say, t.full = true, true
		case w == "--step":
			t.say, t.step = true, true
		case strings.HasPrefix(w, "--pcap="):
			file = w[len("--pcap="):]
		case w == "--pcap" && len(args) > 1:
			file = args[1]
			args = args[1:]
		default:
			return nil, cli.Fail(2, "rawns", w, ` is no option in front of an applet; these are: --trace, --trace=full, --step, --pcap FILE`)
		}
		args = args[1:]
	}
	if t.say {
		words = append(words, "say")
	}
	if t.full {
		words = append(words, "full")
	}
	if t.step {
		words = append(words, "step")
	}
	if file != "" {
		words = append(words, "pcap="+file) // the last: it may hold blanks
	}
	os.Setenv(envVar, strings.Join(words, " "))
	if code := t.begin(file); code != 0 {
		return nil, code
	}
	return args, 0
}

// Inherit begins to trace as the process outside of a sandbox does.
func Inherit() {
	v := os.Getenv(envVar)
	if v == "" {
		return
	}
	t := &tracer{}
	words, file, _ := strings.Cut(v, "pcap=")
	for _, w := range strings.Fields(words) {
		switch w {
		case "say":
			t.say = true
		case "full":
			t.full = true
		case "step":
			t.step = true
		}
	}
	t.begin(file)
}

// begin sets the hooks.
func (t *tracer) begin(file string) int {
	if t.step && !cli.IsTerminal(0) {
		return cli.Fail(2, "rawns", "--step waits for the Enter key, but stdin is no terminal")
	}
	if file != "" {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err == nil {
			_, err = f.Write(explain.AppendPcap(nil))
		}
		if err != nil {
			return cli.Fail(1, "rawns", file, ": ", cli.Strerror(cli.Errno(err)))
		}
		t.pcap = f
	}
	t.out = cli.NewOut(os.Stderr)
	t.color = cli.IsTerminal(2) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	t.talks = map[*nl.Conn]*talk{}
	nl.OnDial = t.dialled
	nl.OnListen = t.listens
	if t.say {
		ns.Trace = t.call
	}
	return 0
}

// call hears of a system call of package ns.
func (t *tracer) call(call string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line(call, err)
}

// line writes a system call.
func (t *tracer) line(call string, err error) {
	t.out.Safe(call)
	if err != nil {
		e := cli.Errno(err)
		t.out.S(" = ", cli.ErrnoName(e), ": ", cli.Strerror(e))
	}
	t.out.NL().Flush()
}

func (t *tracer) dialled(c *nl.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := &talk{names: map[int32]string{}}
	t.talks[c] = k
	c.Observer = t
	if t.say {
		k.mighty, k.owner = ns.Rights("", unix.CAP_NET_ADMIN)
		t.line("socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, "+protocolName(c.Protocol())+")", nil)
	}
}

// listens shows what a Monitor hears, before its applet does something with it.
func (t *tracer) listens(m *nl.Monitor) {
	protocol, all, groups := m.ListensTo()
	k := &talk{names: map[int32]string{}}
	others := map[int32]*talk{} // of other namespaces
	m.Heard = func(p []byte, nsid int32) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.keep(protocol, false, p)
		if !t.say {
			return
		}
		k := k
		if nsid >= 0 {
			if k = others[nsid]; k == nil {
				k = &talk{names: map[int32]string{}}
				if len(others) < maxNames {
					others[nsid] = k
				}
			}
			t.out.S("in the namespace of id ").D(int64(nsid)).S(":\n")
		}
		t.received(k, p, protocol, 0)
	}
	if !t.say {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out.S("socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, ", protocolName(protocol), "); setsockopt(SOL_NETLINK")
	if all {
		t.out.S(", NETLINK_LISTEN_ALL_NSID, 1); setsockopt(SOL_NETLINK")
	}
	t.out.S(", NETLINK_ADD_MEMBERSHIP, RTNLGRP_)")
	sep := ": groups "
	for _, g := range groups {
		t.out.S(sep).D(int64(g))
		sep = ", "
	}
	t.out.NL().Flush()
}

func protocolName(protocol int) string {
	if p := explain.Protocol(protocol); p != "" {
		return p
	}
	return strconv.Itoa(protocol)
}

// Sending is of nl.Observer.
func (t *tracer) Sending(c *nl.Conn, p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.talks[c]
	if k == nil {
		return
	}
	own := append([]byte(nil), p...) // the Builder's buffer will be used again
	o := k.options(c.Protocol())
	k.requests.Note(own, o)
	if t.say {
		t.out.B = explain.AppendText(t.out.B, p, explain.TextOptions{Options: o, Color: t.color, Brief: true, Prefix: "--> "})
		t.out.Flush()
	}
	if t.step {
		t.wait()
	}
	t.keep(c.Protocol(), true, p)
	began := time.Now()
	k.took = func() time.Duration { return time.Since(began) }
}

// wait waits for a line on stdin.
func (t *tracer) wait() {
	t.out.S("    Enter sends it, c sends all that follow: ").Flush()
	var b [1]byte
	for first := byte('\n'); ; {
		n, err := unix.Read(0, b[:])
		if err == unix.EINTR {
			continue
		}
		if n != 1 || b[0] == '\n' {
			if first == 'c' || n != 1 {
				t.step = false
			}
			return
		}
		if first == '\n' {
			first = b[0]
		}
	}
}

// Received is of nl.Observer.
func (t *tracer) Received(c *nl.Conn, p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	took := time.Duration(0)
	k := t.talks[c]
	if k == nil {
		return
	}
	if k.took != nil {
		took = k.took()
	}
	t.keep(c.Protocol(), false, p)
	t.received(k, p, c.Protocol(), took)
}

// received tells of the messages of a datagram.
func (t *tracer) received(k *talk, p []byte, protocol int, took time.Duration) {
	o := k.options(protocol)
	for len(p) > 0 {
		one := p[:explain.Size(p, o)]
		p = p[len(one):]
		k.learn(one)
		if t.say {
			t.answer(k, one, o, took)
		}
	}
	t.out.Flush()
}

// answer writes what the kernel sent: a line, or all of a refusal.
func (t *tracer) answer(k *talk, one []byte, o explain.Options, took time.Duration) {
	o.Request = k.requests.Of(one, o)
	errno := syscall.Errno(0)
	if len(one) >= nl.HeaderLen+4 {
		if m := nl.Message(one); m.Type() == unix.NLMSG_ERROR || m.Type() == unix.NLMSG_DONE {
			errno = syscall.Errno(-int32(binary.NativeEndian.Uint32(m.Payload())))
		}
	}
	if t.full || errno != 0 {
		t.out.B = explain.AppendText(t.out.B, one, explain.TextOptions{Options: o, Color: t.color, Brief: true, Prefix: "<-- "})
	} else {
		a := explain.Describe(one, o)
		t.out.S("<-- ", a.Type, ": ", a.Title, ", ").D(int64(len(one))).S(" bytes")
		if s := explain.Summary(one, o); s != "" {
			t.out.S(": ", s)
		}
		t.out.NL()
	}
	if m := nl.Message(one); len(one) >= nl.HeaderLen && m.Type() <= unix.NLMSG_DONE && m.Type() != unix.NLMSG_NOOP {
		t.out.S("    ").F(float64(took.Microseconds())/1000, 2).S(" ms\n")
	}
	if errno == 0 || len(o.Request) < nl.HeaderLen {
		return
	}
	said := explain.Refusal(one, o)
	if len(said) == 0 {
		if errno == unix.EPERM {
			said = append(said, "hint: "+ns.Denied(o.Request, k.mighty, k.owner, "the network namespace that this was sent in"))
		} else if h := explain.Hint(nl.Message(o.Request).Type(), errno); h != "" {
			said = append(said, "hint: "+h)
		}
	}
	for _, s := range said {
		t.out.S("    ").Safe(s).NL()
	}
}

func (k *talk) options(protocol int) explain.Options {
	return explain.Options{Protocol: protocol, IfName: func(i int32) string { return k.names[i] }}
}

// maxNames bounds how many names of interfaces are kept.
const maxNames = 1 << 12

// learn keeps the names of interfaces that the kernel tells of.
func (k *talk) learn(one []byte) {
	if l, err := rtnl.ParseLink(one); err == nil && l.Index > 0 {
		if name := l.Name(); name != "" && len(k.names) < maxNames {
			k.names[l.Index] = name
		}
	}
}

// keep writes a datagram to the file.
func (t *tracer) keep(protocol int, out bool, p []byte) {
	if t.pcap == nil {
		return
	}
	if _, err := t.pcap.Write(explain.AppendPacket(nil, time.Now().UnixNano(), protocol, out, p)); err != nil {
		t.out.S("rawns: --pcap: ", cli.Strerror(cli.Errno(err))).NL().Flush()
		t.pcap = nil
	}
}
