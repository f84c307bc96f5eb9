package trace

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/explain"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/nstest"
)

func TestMain(m *testing.M) { nstest.Main(m) }

// traced runs f with a tracer, and returns what it says.
func traced(t *testing.T, tr *tracer, f func()) string {
	t.Helper()
	tr.out = cli.NewBuffer()
	tr.talks = map[*nl.Conn]*talk{}
	nl.OnDial, nl.OnListen = tr.dialled, tr.listens
	ns.Trace = tr.call
	defer func() { nl.OnDial, nl.OnListen, ns.Trace = nil, nil, nil }()
	f()
	return string(tr.out.B)
}

// A conversation as it happens: the calls, requests byte by byte, answers in a
// line, and a refusal with all that the kernel says of it.
func TestTrace(t *testing.T) {
	n := nstest.New(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "f.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.Write(explain.AppendPcap(nil))
	var asked []nl.Message
	out := traced(t, &tracer{say: true, pcap: file}, func() {
		c, err := n.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		do := func(b *nl.Builder, want error) {
			t.Helper()
			err := c.Do(b, nil)
			if e, ok := err.(*nl.Error); (want == nil) != (err == nil) || want != nil && (!ok || e.Errno != want) {
				t.Errorf("%v, want %v", err, want)
			}
			p, _ := b.Bytes()
			asked = append(asked, append(nl.Message(nil), p...))
		}
		var b nl.Builder
		rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
		b.Str(rtnl.IFLA_IFNAME, "br0")
		info := b.Nest(rtnl.IFLA_LINKINFO)
		b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
		b.End(info)
		do(&b, nil)
		do(&b, unix.EEXIST)
		b.Reset()
		rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 1})
		b.U16(nl.AttrU16(rtnl.IFLA_MTU), 1400)
		do(&b, unix.ERANGE)
		b.Reset()
		rtnl.GetLink(&b, rtnl.IfInfomsg{})
		b.Str(rtnl.IFLA_IFNAME, "br0")
		do(&b, nil)
		b.Reset()
		rtnl.GetLink(&b, rtnl.IfInfomsg{})
		for _, err := range c.Dump(&b) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	out = regexp.MustCompile(`\d+\.\d\d ms`).ReplaceAllString(out, "N ms")
	for _, want := range []string{
		"setns(", "CLONE_NEWNET)\nsocket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE)\n--> RTM_NEWLINK: make a link of the kind bridge, 56 bytes\n     0  38000000 ",
		"<-- NLMSG_ERROR: acknowledged: the request was carried out, 36 bytes\n    N ms\n",
		"<-- NLMSG_ERROR: refused: -17 EEXIST: file exists, ", "\n    hint: a link of that name, or of that index, is there already\n",
		"    it objects to IFLA_MTU at offset 32, which holds 2 bytes; it wants a u32\n",
		"--> RTM_GETLINK: ask for a link, ", "<-- RTM_NEWLINK: the kernel tells of a link of the kind bridge, ",
		"--> RTM_GETLINK: list links, ", "<-- NLMSG_DONE: the list is complete, ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	// The file holds both sides.
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	sent, received := 0, 0
	if err := explain.ReadCapture(text, func(k *explain.Packet) bool {
		if k.Outgoing {
			if sent < len(asked) && nl.Message(k.Data).Type() != asked[sent].Type() {
				t.Errorf("request %d: %x, want %x", sent, k.Data, asked[sent])
			}
			sent++
		} else {
			received++
		}
		for _, s := range explain.Spans(k.Data, explain.Options{Protocol: k.Protocol, Order: k.Order}) {
			if s.Kind == explain.Broken || s.Kind == explain.CutShort {
				t.Errorf("%+v", s)
			}
		}
		return true
	}); err != nil || sent != 5 || received < 6 {
		t.Errorf("%v: %d sent, %d received", err, sent, received)
	}
	full := traced(t, &tracer{say: true, full: true}, func() {
		c, err := n.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i, err := rtnl.IndexByName(c, "br0"); err != nil || i == 0 {
			t.Fatal(i, err)
		}
		var b nl.Builder
		rtnl.DelLink(&b, 2)
		c.Do(&b, nil)
	})
	for _, want := range []string{"IFLA_INFO_KIND    \"bridge\"", "IFLA_BR_FORWARD_DELAY  1500 (15 s)", "ifi_index         2, \"br0\""} {
		if !strings.Contains(full, want) {
			t.Errorf("no %q in\n%s", want, full)
		}
	}
	// What the kernel tells of a link is known to the last attribute.
	if strings.Contains(full, "nlattr ") {
		t.Errorf("an attribute without a name in\n%s", full)
	}
}

func TestOptions(t *testing.T) {
	defer func() { nl.OnDial, nl.OnListen, ns.Trace = nil, nil, nil }()
	stderr := cli.Stderr
	defer func() { cli.Stderr = stderr }()
	cli.Stderr = cli.NewBuffer()
	file := filepath.Join(t.TempDir(), "g.pcap")
	rest, code := Options([]string{"--trace=full", "--pcap", file, "ip", "--x"})
	if code != 0 || strings.Join(rest, " ") != "ip --x" || nl.OnDial == nil || nl.OnListen == nil || ns.Trace == nil || os.Getenv(envVar) != "say full pcap="+file {
		t.Errorf("%q, %d, %q", rest, code, os.Getenv(envVar))
	}
	if text, err := os.ReadFile(file); err != nil || len(text) != 24 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	nl.OnDial, ns.Trace = nil, nil
	Inherit()
	if nl.OnDial == nil || ns.Trace == nil {
		t.Error("nothing is handed on")
	}
	nl.OnDial, ns.Trace = nil, nil
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"--nonsense", "ip"}, "--nonsense is no option in front of an applet", 2},
		{[]string{"--pcap=/no/such/dir/x", "ip"}, "/no/such/dir/x: No such file or directory", 1},
	} {
		cli.Stderr.B = nil
		if _, code := Options(c.args); code != c.code || !strings.Contains(string(cli.Stderr.B), c.want) {
			t.Errorf("%q: %d, %s", c.args, code, cli.Stderr.B)
		}
	}
	os.Unsetenv(envVar)
	Inherit()
	if nl.OnDial != nil {
		t.Error("something is handed on")
	}
}

// What a Monitor hears is shown and kept as answers are, of other namespaces too.
func TestTraceMonitor(t *testing.T) {
	n, red := nstest.New(t), nstest.New(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "f.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.Write(explain.AppendPcap(nil))
	out := traced(t, &tracer{say: true, pcap: file}, func() {
		if err := n.Do(func() error {
			c, err := nl.Dial(unix.NETLINK_ROUTE)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := red.SetID(c, 9); err != nil {
				return err
			}
			m, err := nl.Listen(unix.NETLINK_ROUTE, true, unix.RTNLGRP_LINK)
			if err != nil {
				return err
			}
			defer m.Close()
			for _, where := range []*ns.NS{n, red} {
				nstest.Run(t, where, "ip", "link", "add", "br7", "type", "bridge")
				if e, err := m.Next(); err != nil || e.Type() != unix.RTM_NEWLINK {
					t.Fatal(e, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
	for _, want := range []string{
		"socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE); setsockopt(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1); setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_): groups 1\n", "\n<-- RTM_NEWLINK: the kernel tells of a link of the kind bridge, ",
		"in the namespace of id 9:\n<-- RTM_NEWLINK: the kernel tells of a link of the kind bridge, ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	if err := explain.ReadCapture(text, func(k *explain.Packet) bool {
		if !k.Outgoing && nl.Message(k.Data).Type() == unix.RTM_NEWLINK {
			heard++
		}
		return true
	}); err != nil || heard != 2 {
		t.Errorf("%v: %d announcements kept", err, heard)
	}
}

// A refusal for want of rights says in which user namespace they are missing: as
// it was when the socket was opened.
func TestTraceDenied(t *testing.T) {
	tr := &tracer{say: true}
	out := traced(t, tr, func() {
		c := nl.Pretend(unix.NETLINK_ROUTE, func(req []byte, reply func([]byte)) {
			var b nl.Builder
			b.Message(unix.NLMSG_ERROR, unix.NLM_F_CAPPED)
			p := b.Extend(4 + nl.HeaderLen)
			minus := -int32(unix.EPERM)
			binary.NativeEndian.PutUint32(p, uint32(minus))
			copy(p[4:], req[:nl.HeaderLen])
			ack, _ := b.Bytes()
			copy(ack[8:12], req[8:12])
			reply(ack)
		})
		tr.dialled(c)
		if k := tr.talks[c]; k.owner == "" || !k.mighty {
			t.Errorf("root of the sandbox: %v, %q", k.mighty, k.owner)
		}
		tr.talks[c].mighty, tr.talks[c].owner = false, "user:[1], your own"
		var b nl.Builder
		rtnl.DelLink(&b, 5)
		if err := c.Do(&b, nil); err == nil {
			t.Error("no error")
		}
	})
	want := "    hint: this needs CAP_NET_ADMIN in the user namespace that owns the network namespace that this was sent in (user:[1], your own): try it as root\n"
	if !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
}
