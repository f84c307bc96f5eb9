package explain

import (
	"encoding/json"
	"os"
	"path/filepath"
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

// watch hears of a bridge that is made in a namespace and deleted, and returns
// what is said of it.
func watch(t *testing.T, w *watcher) string {
	t.Helper()
	n := nstest.New(t)
	var m *nl.Monitor
	if err := n.Do(func() (err error) {
		m, err = nl.Listen(unix.NETLINK_ROUTE, false, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.out = cli.NewBuffer()
	done := make(chan int)
	go func() {
		// Until the deletion is heard.
		for {
			e, err := m.Next()
			if err != nil {
				t.Error(err)
				break
			}
			if err := w.event(e); err != nil {
				t.Error(err)
			}
			if e.Type() == unix.RTM_DELLINK {
				break
			}
		}
		done <- 0
	}()
	c, err := n.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: 7})
	b.Str(rtnl.IFLA_IFNAME, "br0")
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "bridge")
	b.End(info)
	rtnl.NewAddr(&b, unix.NLM_F_CREATE, rtnl.IfAddrmsg{Family: unix.AF_INET, PrefixLen: 16, Index: 7})
	b.IP(rtnl.IFA_LOCAL, []byte{10, 1, 1, 2})
	rtnl.DelLink(&b, 7)
	if err := c.Batch(&b, nil); err != nil {
		t.Fatal(err)
	}
	<-done
	m.Close()
	return string(w.out.B)
}

func TestMonitor(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "m.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.Write(explain.AppendPcap(nil))
	out := watch(t, &watcher{tool: newTool(), pcap: file})
	for _, want := range []string{
		"  RTM_NEWLINK: the kernel tells of a link of the kind bridge: ifi_index 7, IFLA_IFNAME \"br0\", ifi_flags BROADCAST|MULTICAST (0x1002), ",
		"  RTM_NEWADDR: the kernel tells of an address: ifa_index 7, \"br0\", IFA_LOCAL 10.1.1.2, IFA_ADDRESS 10.1.1.2, ifa_prefixlen 16, ",
		"  RTM_DELLINK: the kernel tells that a link of the kind bridge is gone: ifi_index 7, IFLA_IFNAME \"br0\"",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	if err := explain.ReadCapture(text, func(*explain.Packet) bool { kept++; return true }); err != nil || kept != strings.Count(out, "\n") {
		t.Errorf("%v: %d packets kept of %d", err, kept, strings.Count(out, "\n"))
	}
	full := watch(t, &watcher{tool: newTool(), full: true})
	if !strings.Contains(full, "RTM_NEWLINK: the kernel tells of a link of the kind bridge, ") || !strings.Contains(full, "IFLA_BR_FORWARD_DELAY") {
		t.Errorf("in full:\n%s", full)
	}
	w := &watcher{tool: newTool()}
	w.json, w.lines = true, true
	for line := range strings.Lines(watch(t, w)) {
		var m sent
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.Message == "" || len(m.Spans) < 5 || len(m.Notes) != 1 {
			t.Errorf("%v: %s", err, line)
		}
	}
	stderr := cli.Stderr
	defer func() { cli.Stderr = stderr }()
	cli.Stderr = cli.NewBuffer()
	if code := Monitor([]string{"monitor", "nonsense"}); code != 2 || !strings.Contains(string(cli.Stderr.B), `no word is "nonsense"`) {
		t.Errorf("%d, %s", code, cli.Stderr.B)
	}
}

// Of two namespaces with ids both are heard, by their names, and their
// interfaces of one index are told apart.
func TestMonitorNamespaces(t *testing.T) {
	main, red, blue := nstest.New(t), nstest.NewNamed(t, "red"), nstest.NewNamed(t, "blue")
	nameless := nstest.New(t)
	w := &watcher{tool: newTool(), noIDs: true}
	w.out = cli.NewBuffer()
	if err := main.Do(func() error {
		c, err := nl.Dial(unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := red.SetID(c, 4); err != nil {
			return err
		}
		m, err := nl.Listen(unix.NETLINK_ROUTE, true, unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_NSID)
		if err != nil {
			return err
		}
		defer m.Close()
		w.look()
		hear := func(until uint16) {
			for {
				e, err := m.Next()
				if err == nil {
					err = w.event(e)
				}
				if err != nil {
					t.Error(err)
					return
				}
				if e.Type() == until {
					return
				}
			}
		}
		make := func(n *ns.NS, name string) {
			nstest.Run(t, n, "ip", "link", "add", name, "index", "77", "type", "bridge")
			nstest.Run(t, n, "ip", "addr", "add", "10.1.1.1/24", "dev", name)
			hear(unix.RTM_NEWADDR)
		}
		make(main, "m0")
		make(red, "r0")
		if err := blue.SetID(c, 5); err != nil {
			return err
		}
		make(blue, "b0")
		if err := nameless.SetID(c, 6); err != nil {
			return err
		}
		make(nameless, "n0")
		nstest.Run(t, red, "ip", "link", "delete", "r0")
		hear(unix.RTM_DELLINK)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	out := string(w.out.B)
	for _, want := range []string{
		"  RTM_NEWADDR: the kernel tells of an address: ifa_index 77, \"m0\", ", "  RTM_NEWLINK: the kernel tells of a link of the kind bridge, in red (id 4): ifi_index 77, ",
		"  RTM_NEWADDR: the kernel tells of an address, in red (id 4): ifa_index 77, \"r0\", ", "  RTM_NEWADDR: the kernel tells of an address, in blue (id 5): ifa_index 77, \"b0\", ",
		"  RTM_NEWADDR: the kernel tells of an address, in the namespace of id 6: ifa_index 77, \"n0\", ", "  RTM_DELLINK: the kernel tells that a link of the kind bridge is gone, in red (id 4): ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "NSID:") {
		t.Errorf("numbers, which nobody asked for, in\n%s", out)
	}
	if len(w.links) < 3 || w.links[place{4, 77}] != "" {
		t.Errorf("%v", w.links)
	}
}
