package rtnl_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/nstest"
)

// dial returns a namespace of the test's own and a connection into it.
func dial(t *testing.T) (*ns.NS, *nl.Conn) {
	t.Helper()
	n := nstest.New(t)
	c, err := n.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return n, c
}

func do(t *testing.T, c *nl.Conn, build func(b *nl.Builder)) {
	t.Helper()
	var b nl.Builder
	build(&b)
	if err := c.Do(&b, nil); err != nil {
		t.Fatal(err)
	}
}

func veth(b *nl.Builder, name, peer string, more func(b *nl.Builder)) {
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
	b.Str(rtnl.IFLA_IFNAME, name)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	p := rtnl.VethPeer(b, rtnl.IfInfomsg{})
	b.Str(rtnl.IFLA_IFNAME, peer)
	if more != nil {
		more(b)
	}
	b.End(p)
	b.End(data)
	b.End(info)
}

func bridge(b *nl.Builder, name string) {
	rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
	b.Str(rtnl.IFLA_IFNAME, name)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	b.End(info)
}

// Everything that a link can be given, set by us and read back by the stock
// tool and by us.
func TestKernelLink(t *testing.T) {
	nstest.Need(t, "ip")
	n, c := dial(t)
	do(t, c, func(b *nl.Builder) {
		veth(b, "a", "b", func(b *nl.Builder) {
			b.U32(rtnl.IFLA_MTU, 1400)
			b.MAC(rtnl.IFLA_ADDRESS, []byte{2, 0, 0, 0, 0, 0xb})
		})
	})
	index, err := rtnl.IndexByName(c, "a")
	if err != nil {
		t.Fatal(err)
	}
	do(t, c, func(b *nl.Builder) {
		rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: index, Flags: unix.IFF_UP, Change: unix.IFF_UP})
		b.U32(rtnl.IFLA_TXQLEN, 77)
		b.U32(rtnl.IFLA_GROUP, 5)
		b.Str(rtnl.IFLA_IFALIAS, "an alias")
		b.MAC(rtnl.IFLA_ADDRESS, []byte{2, 0, 0, 0, 0, 0xa})
	})
	do(t, c, func(b *nl.Builder) {
		rtnl.NewLinkProp(b, index)
		l := b.NestF(rtnl.IFLA_PROP_LIST)
		b.Str(rtnl.IFLA_ALT_IFNAME, "a-name-longer-than-fifteen-bytes")
		b.End(l)
	})
	out := nstest.Run(t, n, "ip", "-d", "link", "show", "a")
	for _, want := range []string{"a@b: <", "UP", "qlen 77", "group 5", "alias an alias", "link/ether 02:00:00:00:00:0a", "altname a-name-longer-than-fifteen-bytes", "veth"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	for _, name := range []string{"a", "a-name-longer-than-fifteen-bytes"} {
		err := rtnl.LinkByName(c, name, 0, func(l rtnl.Link) {
			alias, _ := l.Attrs.Str(rtnl.IFLA_IFALIAS)
			mac, _ := l.Attrs.MAC(rtnl.IFLA_ADDRESS)
			qlen, _ := l.Attrs.U32(rtnl.IFLA_TXQLEN)
			if l.Name() != "a" || l.Index != index || string(alias) != "an alias" || !bytes.Equal(mac, []byte{2, 0, 0, 0, 0, 0xa}) ||
				qlen != 77 || string(l.Kind()) != "veth" || l.Flags&unix.IFF_UP == 0 {
				t.Errorf("%s: %+v", name, l)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := rtnl.IndexByName(c, "none"); !errors.Is(err, unix.ENODEV) {
		t.Errorf("a link that is not there: %v", err)
	}
	do(t, c, func(b *nl.Builder) { rtnl.DelLink(b, index) })
	if _, err := rtnl.IndexByName(c, "b"); !errors.Is(err, unix.ENODEV) {
		t.Errorf("the peer outlived its veth: %v", err)
	}
}

// A peer born in another namespace, by fd and by pid, and a link moved there.
func TestKernelNetns(t *testing.T) {
	_, c := dial(t)
	other, oc := dial(t)
	pid := nstest.Background(t, other, "sleep", "60")
	do(t, c, func(b *nl.Builder) {
		veth(b, "a", "b", func(b *nl.Builder) { b.U32(rtnl.IFLA_NET_NS_FD, uint32(other.Fd())) })
	})
	do(t, c, func(b *nl.Builder) {
		veth(b, "a1", "b1", func(b *nl.Builder) { b.U32(rtnl.IFLA_NET_NS_PID, uint32(pid)) })
	})
	do(t, c, func(b *nl.Builder) { veth(b, "a2", "b2", nil) })
	index, err := rtnl.IndexByName(c, "b2")
	if err != nil {
		t.Fatal(err)
	}
	do(t, c, func(b *nl.Builder) {
		rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: index})
		b.U32(rtnl.IFLA_NET_NS_FD, uint32(other.Fd()))
	})
	for _, name := range []string{"b", "b1", "b2"} {
		if _, err := rtnl.IndexByName(oc, name); err != nil {
			t.Errorf("%s is not in the other namespace: %v", name, err)
		}
		if _, err := rtnl.IndexByName(c, name); !errors.Is(err, unix.ENODEV) {
			t.Errorf("%s is still here: %v", name, err)
		}
	}
	// The other namespace has a number here now, by which links speak of it.
	id, err := other.ID(c)
	if err != nil || id < 0 {
		t.Fatal(id, err)
	}
	err = rtnl.LinkByName(c, "a", 0, func(l rtnl.Link) {
		if v, ok := l.Attrs.S32(rtnl.IFLA_LINK_NETNSID); !ok || v != int32(id) {
			t.Errorf("IFLA_LINK_NETNSID %d %v, want %d", v, ok, id)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKernelAddrAndRoute(t *testing.T) {
	nstest.Need(t, "ip")
	n, c := dial(t)
	do(t, c, func(b *nl.Builder) { veth(b, "a", "b", nil) })
	index, _ := rtnl.IndexByName(c, "a")
	do(t, c, func(b *nl.Builder) {
		rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: index, Flags: unix.IFF_UP, Change: unix.IFF_UP})
	})
	do(t, c, func(b *nl.Builder) {
		rtnl.NewAddr(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 24, Scope: unix.RT_SCOPE_LINK, Index: index})
		b.IP(rtnl.IFA_LOCAL, []byte{10, 0, 0, 1})
		b.IP(rtnl.IFA_ADDRESS, []byte{10, 0, 0, 2})
		b.IP(rtnl.IFA_BROADCAST, []byte{10, 0, 0, 255})
		b.Str(rtnl.IFA_LABEL, "a:x")
	})
	six := []byte{0: 0xfd, 15: 1}
	do(t, c, func(b *nl.Builder) {
		rtnl.NewAddr(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfAddrmsg{Family: unix.AF_INET6, PrefixLen: 64, Index: index})
		b.IP(rtnl.IFA_LOCAL, six)
		b.IP(rtnl.IFA_ADDRESS, six)
		b.U32(rtnl.IFA_FLAGS, unix.IFA_F_NODAD|unix.IFA_F_NOPREFIXROUTE)
		rtnl.PutLifetimes(b, rtnl.Lifetimes{Preferred: 1000, Valid: 2000})
	})
	out := nstest.Run(t, n, "ip", "addr", "show", "a")
	for _, want := range []string{"inet 10.0.0.1 peer 10.0.0.2/24 brd 10.0.0.255 scope link a:x", "inet6 fd00::1/64 scope global nodad dynamic noprefixroute", "valid_lft 2000sec preferred_lft 1000sec"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	var b nl.Builder
	rtnl.GetAddr(&b, unix.AF_UNSPEC, index)
	found := map[string]bool{}
	for m, err := range c.Dump(&b) {
		if err != nil {
			t.Fatal(err)
		}
		a, err := rtnl.ParseAddr(m)
		if err != nil {
			t.Fatal(err)
		}
		if a.Index != index {
			t.Errorf("the kernel did not filter: an address of %d", a.Index)
		}
		ip, _ := a.Attrs.IP(rtnl.IFA_ADDRESS)
		lt, ok := a.Lifetimes()
		found[fmt.Sprintf("%d %x/%d %#x %v", a.Family, ip, a.PrefixLen, a.Flags(), ok && lt.Valid <= 2000)] = true
	}
	if !found["2 0a000002/24 0x80 false"] || !found["10 fd000000000000000000000000000001/64 0x202 true"] {
		t.Errorf("%v", found)
	}

	do(t, c, func(b *nl.Builder) {
		rtnl.NewRoute(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.RtMsg{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN,
			Protocol: unix.RTPROT_BOOT, Type: unix.RTN_UNICAST})
		b.IP(rtnl.RTA_GATEWAY, []byte{10, 0, 0, 9})
		b.U32(rtnl.RTA_OIF, uint32(index))
		b.U32(rtnl.RTA_PRIORITY, 42)
	})
	if out := nstest.Run(t, n, "ip", "route", "show", "default"); !strings.HasPrefix(out, "default via 10.0.0.9 dev a metric 42") {
		t.Errorf("route %q", out)
	}
	b.Reset()
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: unix.AF_INET})
	b.U32(rtnl.RTA_TABLE, unix.RT_TABLE_MAIN)
	p, err := c.List(&b, nil)
	if err != nil {
		t.Fatal(err)
	}
	routes := 0
	for m := range nl.Messages(p) {
		r, err := rtnl.ParseRoute(m)
		if err != nil || r.Table() != unix.RT_TABLE_MAIN {
			t.Errorf("%v, table %d", err, r.Table())
		}
		if gw, ok := r.Attrs.IP(rtnl.RTA_GATEWAY); ok && bytes.Equal(gw, []byte{10, 0, 0, 9}) {
			routes++
		}
	}
	if routes != 1 {
		t.Errorf("the route was listed %d times", routes)
	}
	do(t, c, func(b *nl.Builder) {
		rtnl.DelRoute(b, rtnl.RtMsg{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN, Scope: unix.RT_SCOPE_NOWHERE})
	})
	do(t, c, func(b *nl.Builder) {
		rtnl.DelAddr(b, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 24, Index: index})
		b.IP(rtnl.IFA_LOCAL, []byte{10, 0, 0, 1})
	})
	if out := nstest.Run(t, n, "ip", "-4", "addr", "show", "a"); strings.Contains(out, "10.0.0.1") {
		t.Errorf("still there: %s", out)
	}
}

// The kernel's own words, the attribute that it means, and what it wants of it.
func TestKernelRefusals(t *testing.T) {
	_, c := dial(t)
	for name, c2 := range map[string]struct {
		build        func(b *nl.Builder)
		errno        error
		path, policy string
		text         bool
	}{
		"mtu of two bytes": {func(b *nl.Builder) {
			rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: 1})
			b.U16(nl.AttrU16(rtnl.IFLA_MTU), 9)
		}, unix.ERANGE, "IFLA_MTU", "a u32", true},
		"an address too long, inside the peer": {func(b *nl.Builder) {
			veth(b, "a", "b", func(b *nl.Builder) { b.MAC(rtnl.IFLA_ADDRESS, make([]byte, 40)) })
		}, unix.ERANGE, "IFLA_LINKINFO/IFLA_INFO_DATA/VETH_INFO_PEER/IFLA_ADDRESS", "bytes", true},
		"unknown kind": {func(b *nl.Builder) {
			rtnl.NewLink(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{})
			info := b.Nest(rtnl.IFLA_LINKINFO)
			b.StrN(rtnl.IFLA_INFO_KIND, "no-such-kind")
			b.End(info)
		}, unix.EOPNOTSUPP, "", "", true},
		"no such index": {func(b *nl.Builder) { rtnl.DelLink(b, 4711) }, unix.ENODEV, "", "", false},
	} {
		var b nl.Builder
		c2.build(&b)
		err := c.Do(&b, nil)
		var e *nl.Error
		if !errors.As(err, &e) || !errors.Is(err, c2.errno) {
			t.Errorf("%s: %v, want %v", name, err, c2.errno)
			continue
		}
		if got := rtnl.AttrPath(e.Request, e.Offset); got != c2.path {
			t.Errorf("%s: %v points at %q, want %q", name, err, got, c2.path)
		}
		if c2.policy != "" && (e.Policy == nil || !strings.HasPrefix(e.Policy.String(), c2.policy)) {
			t.Errorf("%s: policy %v, want %s", name, e.Policy, c2.policy)
		}
		if c2.text != (e.Text != "") {
			t.Errorf("%s: the kernel said %q", name, e.Text)
		}
	}
}

// A batch of one thousand in one go; the messages behind a failed one are
// carried out.
func TestKernelBatch(t *testing.T) {
	_, c := dial(t)
	var b nl.Builder
	const n = 300
	for i := range n {
		name := fmt.Sprintf("br%d", i)
		if i == 100 {
			name = "br99"
		}
		bridge(&b, name)
	}
	seen := 0
	err := c.Batch(&b, func(i int, err error) {
		if i != seen || (err != nil) != (i == 100) {
			t.Errorf("message %d (the %dth report): %v", i, seen, err)
		}
		seen++
	})
	var e *nl.Error
	if !errors.As(err, &e) || e.Index != 100 || !errors.Is(err, unix.EEXIST) || seen != n {
		t.Errorf("%v, %d reported", err, seen)
	}
	b.Reset()
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	p, err := c.List(&b, nil)
	links := 0
	for range nl.Messages(p) {
		links++
	}
	if err != nil || links != n { // n-1 bridges and lo
		t.Errorf("%v, %d links", err, links)
	}
	if s := c.Stats(); s.Sent != n+1 || s.Calls >= 2*n {
		t.Errorf("%+v: a batch should take fewer calls than messages", s)
	}
}

// A dump that is left early, and the next one on the same Conn.
func TestKernelDumpLeftEarly(t *testing.T) {
	_, c := dial(t)
	for i := range 80 {
		do(t, c, func(b *nl.Builder) { bridge(b, fmt.Sprint("br", i)) })
	}
	var b nl.Builder
	for want := 1; want <= 81; want += 40 {
		b.Reset()
		rtnl.GetLink(&b, rtnl.IfInfomsg{})
		got := 0
		for _, err := range c.Dump(&b) {
			if err != nil {
				t.Fatal(err)
			}
			if got++; got == want {
				break
			}
		}
		if got != want {
			t.Errorf("%d links, want %d", got, want)
		}
	}
}

// A link whose description is longer than the receive buffer: the dump is cut,
// repeated with a larger one, and the Conn is of use meanwhile. So it is after a
// panic in a dump's loop.
func TestKernelDumpBreaksOff(t *testing.T) {
	_, c := dial(t)
	for i := range 40 {
		do(t, c, func(b *nl.Builder) { bridge(b, fmt.Sprint("br", i)) })
	}
	index, _ := rtnl.IndexByName(c, "br20")
	const names = 420
	for i := range names {
		do(t, c, func(b *nl.Builder) {
			rtnl.NewLinkProp(b, index)
			l := b.NestF(rtnl.IFLA_PROP_LIST)
			b.Str(rtnl.IFLA_ALT_IFNAME, fmt.Sprintf("%0120d", i))
			b.End(l)
		})
	}
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats) // or else the kernel leaves the long one out
	var cut *nl.TruncatedError
	for _, err := range c.Dump(&b) {
		if err != nil && !errors.As(err, &cut) {
			t.Fatal(err)
		}
	}
	if cut == nil || cut.Need < 120*names {
		t.Fatalf("the dump was not cut: %v", cut)
	}
	p, err := c.List(&b, nil)
	n := 0
	for range nl.Messages(p) {
		n++
	}
	if err != nil || n != 41 {
		t.Errorf("%v, %d links", err, n)
	}
	func() {
		defer func() { recover() }()
		for range c.Dump(&b) {
			panic("in the loop")
		}
	}()
	if p, err := c.List(&b, nil); err != nil || len(p) == 0 {
		t.Errorf("after a panic: %v", err)
	}
}

func TestKernelMonitor(t *testing.T) {
	n, c := dial(t)
	var mon *nl.Monitor
	err := n.Do(func() (err error) {
		mon, err = nl.Listen(unix.NETLINK_ROUTE, false, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, c, func(b *nl.Builder) { veth(b, "a", "b", nil) })
	index, _ := rtnl.IndexByName(c, "a")
	do(t, c, func(b *nl.Builder) {
		rtnl.NewAddr(b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 24, Index: index})
		b.IP(rtnl.IFA_LOCAL, []byte{10, 0, 0, 1})
	})
	do(t, c, func(b *nl.Builder) { rtnl.DelLink(b, index) })
	var heard []string
	for len(heard) == 0 || heard[len(heard)-1] != "del a" {
		e, err := mon.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.NSID != -1 {
			t.Errorf("an event of namespace %d", e.NSID)
		}
		if l, err := rtnl.ParseLink(e.Message); err == nil {
			verb := "new "
			if e.Type() == unix.RTM_DELLINK {
				verb = "del "
			}
			heard = append(heard, verb+l.Name())
		} else if a, err := rtnl.ParseAddr(e.Message); err == nil {
			heard = append(heard, fmt.Sprint("addr ", a.PrefixLen))
		}
	}
	all := strings.Join(heard, ", ")
	for _, want := range []string{"new b", "new a", "addr 24", "del a"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was not heard in %s", want, all)
		}
	}
	// Before it waits it calls Idle, and not while there is something.
	idle, nothing := 0, errors.New("nothing is there")
	mon.Idle = func() error { idle++; return nothing }
	do(t, c, func(b *nl.Builder) { veth(b, "a", "b", nil) })
	for err = nil; err == nil; {
		if _, err = mon.Next(); err == nil && idle > 0 {
			t.Error("Idle was called, and something was there")
		}
	}
	if err != nothing || idle != 1 {
		t.Errorf("without announcements Next calls Idle %d times and returns %v", idle, err)
	}
	mon.Idle = nil
	// Close wakes a Next that waits for what never comes.
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			if _, err := mon.Next(); err != nil {
				if err != nl.ErrClosed {
					t.Errorf("Next after Close: %v", err)
				}
				return
			}
		}
	}()
	if err := mon.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := mon.Close(); err != nl.ErrClosed {
		t.Errorf("Close after Close: %v", err)
	}
}

// More events than the receive buffer holds are an overrun, said once and in
// its place, and not the end.
func TestKernelMonitorOverrun(t *testing.T) {
	n, c := dial(t)
	var mon *nl.Monitor
	err := n.Do(func() (err error) {
		mon, err = nl.Listen(unix.NETLINK_ROUTE, false, unix.RTNLGRP_LINK)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer mon.Close()
	do(t, c, func(b *nl.Builder) { veth(b, "a", "b", nil) })
	index, _ := rtnl.IndexByName(c, "a")
	for i := range 3000 {
		do(t, c, func(b *nl.Builder) {
			rtnl.NewLink(b, 0, rtnl.IfInfomsg{Index: index})
			b.U32(rtnl.IFLA_MTU, 1400+uint32(i%2))
		})
	}
	overruns, events := 0, 0
	do(t, c, func(b *nl.Builder) { rtnl.DelLink(b, index) })
	for overruns == 0 {
		switch _, err := mon.Next(); err {
		case nil:
			events++
		case nl.ErrOverrun:
			overruns++
		default:
			t.Fatal(err)
		}
		if events > 4000 {
			t.Fatal("no overrun")
		}
	}
	if _, err := mon.Next(); err != nil {
		t.Errorf("after the overrun: %v", err)
	}
}

// Events of a namespace that has a number in the Monitor's come with it.
func TestKernelMonitorAllNSIDs(t *testing.T) {
	n, c := dial(t)
	other, oc := dial(t)
	if err := other.SetID(c, 7); err != nil {
		t.Fatal(err)
	}
	var mon *nl.Monitor
	err := n.Do(func() (err error) {
		mon, err = nl.Listen(unix.NETLINK_ROUTE, true, unix.RTNLGRP_LINK)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer mon.Close()
	do(t, oc, func(b *nl.Builder) { veth(b, "there", "peer", nil) })
	do(t, c, func(b *nl.Builder) { veth(b, "here", "peer", nil) })
	got := map[string]int32{}
	for len(got) < 3 {
		e, err := mon.Next()
		if err != nil {
			t.Fatal(err)
		}
		if l, err := rtnl.ParseLink(e.Message); err == nil && l.Name() != "peer" {
			got[l.Name()] = e.NSID
		} else {
			got["peer"] = 0
		}
	}
	if got["there"] != 7 || got["here"] != -1 {
		t.Errorf("%v", got)
	}
}
