package explain

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// kernelSymbols returns the names of the running kernel's functions, without
// what the compiler appends, or nil if they may not be read.
func kernelSymbols(t *testing.T) map[string]bool {
	text, err := os.ReadFile("/proc/kallsyms")
	if err != nil {
		return nil
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 3 && strings.EqualFold(f[1], "t") {
			name, _, _ := strings.Cut(f[2], ".")
			out[name] = true
		}
	}
	if !out["rtnetlink_rcv_msg"] {
		return nil // a file without the names that matter
	}
	return out
}

// Functions of what a kernel may lack, or have in a module that nothing has
// loaded, and one function each that is there if they are.
var optional = []struct{ prefix, sign string }{
	{"mpls_", "mpls_rtm_newroute"}, {"br_vlan_rtm_", "br_vlan_rtm_process"}, {"vxlan_vnifilter_", "vxlan_vnifilter_process"},
	{"br_", "br_dev_newlink"}, {"inet6_", "inet6_rtm_newaddr"}, {"ip6_route_", "inet6_rtm_newaddr"}, {"ip6addrlbl_", "inet6_rtm_newaddr"},
	{"rtm_", "rtm_new_nexthop"}, {"rtnl_mdb_", "rtnl_mdb_add"},
}

// The functions that are named exist in the running kernel.
func TestKernelFunctions(t *testing.T) {
	have := kernelSymbols(t)
	if have == nil {
		t.Skip("this kernel has no symbols that may be read")
	}
	names := map[string]bool{"rtnetlink_rcv_msg": true, "do_setlink": true, "rtnl_create_link": true, "register_netdevice": true, "rtnl_configure_link": true}
	for _, d := range doers {
		for _, f := range d.way {
			names[f] = true
		}
	}
	seen := 0
	for f := range names {
		if have[f] {
			seen++
			continue
		}
		lacks := false
		for _, o := range optional {
			lacks = lacks || strings.HasPrefix(f, o.prefix) && !have[o.sign]
		}
		if !lacks {
			t.Errorf("the kernel has no %s", f)
		}
	}
	// A kind's maker is there if anything is of its driver: its other functions
	// begin as it does.
	for _, m := range makers {
		if have[m.newlink] {
			seen++
			continue
		}
		stem := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(m.newlink, "newlink"), "link_new"), "new_link")
		for _, other := range []string{"changelink", "validate", "fill_info"} {
			if have[stem+other] {
				t.Errorf("%s: the kernel has no %s, but %s%s", m.kind, m.newlink, stem, other)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d functions were found", seen)
	}
	t.Logf("%d functions found", seen)
}

// Every request that the tables know has a title, and those that the kernel
// carries out a way.
func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		typ, flags uint16
		family     byte
		title, way string
		reply      string
	}{
		{unix.RTM_NEWLINK, 0x605, 0, "make a link", "rtnl_newlink > rtnl_create_link > register_netdevice > rtnl_configure_link", "RTNLGRP_LINK"},
		{unix.RTM_NEWLINK, 5, 0, "change a link", "rtnl_newlink > do_setlink", "error 0"},
		{unix.RTM_NEWLINK, 2, 0, "the kernel tells of a link", "", ""},
		{unix.RTM_DELLINK, 0, 0, "the kernel tells that a link is gone", "", ""},
		{unix.RTM_GETLINK, 0x301, 0, "list links", "rtnl_dump_ifinfo", "NLMSG_DONE"},
		{unix.RTM_GETLINK, 0x301, 7, "list bridge ports", "rtnl_bridge_getlink > br_getlink", "RTM_NEWLINK for each"},
		{unix.RTM_SETLINK, 5, 7, "change a bridge port's settings", "rtnl_bridge_setlink > br_setlink", ""},
		{unix.RTM_NEWADDR, 0x605, 2, "make an address", "inet_rtm_newaddr > __inet_insert_ifa", "RTNLGRP_IPV4_IFADDR"},
		{unix.RTM_NEWADDR, 0x605, 10, "make an address", "inet6_rtm_newaddr", "RTNLGRP_IPV6_IFADDR"},
		{unix.RTM_NEWROUTE, 0x505, 2, "make or replace a route", "inet_rtm_newroute > fib_table_insert", "RTNLGRP_IPV4_ROUTE"},
		{unix.RTM_DELROUTE, 5, 10, "remove a route", "inet6_rtm_delroute", ""},
		{unix.RTM_NEWNEIGH, 0x605, 7, "make a forwarding entry", "rtnl_fdb_add", ""},
		{unix.RTM_GETNSID, 1, 0, "ask for a namespace id", "rtnl_net_getid", "one RTM_NEWNSID"},
		{unix.RTM_NEWRULE, 0x601, 2, "make a rule", "fib_nl_newrule", "nothing if it is done"},
	} {
		var b nl.Builder
		b.Message(c.typ, c.flags)
		b.Extend(16)[0] = c.family
		p, _ := b.Bytes()
		a := Describe(p, Options{})
		way := strings.TrimPrefix(strings.Join(a.Kernel, " > "), "rtnetlink_rcv_msg > ")
		if a.Title != c.title || way != c.way || !strings.Contains(strings.Join(a.Replies, "\n"), c.reply) {
			t.Errorf("%s flags %#x: %q, by %q, %q", a.Type, c.flags, a.Title, way, a.Replies)
		}
	}
	for _, m := range rtnl.Types() {
		var b nl.Builder
		b.Message(m.Type, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
		b.Extend(m.Header.Size)
		p, _ := b.Bytes()
		if a := Describe(p, Options{}); a.Title == "" || a.Type != m.Name || len(a.Replies) == 0 {
			t.Errorf("%s: %+v", m.Name, a)
		}
	}
	for _, line := range []string{"ip link add d0 type veth peer name d1"} {
		if a := Describe(golden(t)[line], Options{Order: Little}); a.Title != "make a link of the kind veth" || !strings.Contains(strings.Join(a.Kernel, " "), "rtnl_create_link veth_newlink register_netdevice") {
			t.Errorf("%s: %+v", line, a)
		}
	}
}

// Reasons are searched by halves, and only fields that there are have one.
func TestReasons(t *testing.T) {
	known := map[string]bool{"nlmsg_len": true, "nlmsg_type": true, "nlmsg_seq": true, "nlmsg_pid": true, "error": true}
	var walk func(s *nl.Schema)
	done := map[*nl.Schema]bool{}
	walk = func(s *nl.Schema) {
		if s == nil || done[s] {
			return
		}
		done[s] = true
		for _, f := range s.Fields {
			known[f.Name] = true
			if f.Layout != nil {
				for _, x := range f.Layout.Members {
					known[x.Name] = true
				}
			}
			walk(f.Sub)
			for _, c := range cases(f) {
				walk(c.Sub)
			}
		}
	}
	for _, m := range rtnl.Types() {
		walk(m.Attrs)
		for _, x := range m.Header.Members {
			known[x.Name] = true
		}
	}
	walk(&rtnl.BridgeLinkAttrs)
	walk(&rtnl.MDBRequestAttrs)
	walk(&nl.AckAttrs)
	for i, r := range reasons {
		if i > 0 && reasons[i-1].name >= r.name {
			t.Errorf("%s stands behind %s", r.name, reasons[i-1].name)
		}
		if !known[r.name] {
			t.Errorf("nothing is called %s", r.name)
		}
		if why(r.name, &message{}) != r.text {
			t.Errorf("%s: %q", r.name, why(r.name, &message{}))
		}
		if strings.HasSuffix(r.text, ".") || len(r.text) > 110 {
			t.Errorf("%s: %q", r.name, r.text)
		}
	}
}

// cases returns the schemas that a KindSelect selects from.
func cases(f nl.Field) []nl.Case {
	if f.Cases == nil {
		return nil
	}
	return *f.Cases
}
