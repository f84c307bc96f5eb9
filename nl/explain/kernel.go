package explain

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// An About is what can be said of one message as a whole.
type About struct {
	Type    string   // RTM_NEWLINK; a number if it has no name here
	Title   string   // "make a link, of the kind veth"
	Kernel  []string // the kernel's functions that deal with it, outermost first; none of what the kernel sends
	Replies []string // what comes back
}

// A doer is the way of a request through the kernel.
type doer struct {
	typ    uint16
	family uint8 // 0: any that has no row of its own
	dump   bool
	way    []string
}

// doers: net/core/rtnetlink.c, and what registers itself there, as functions of
// Linux 6.18; 6.1 and 6.12 have all of them but rtnl_mdb_add and its like, which
// began in 6.4. A test looks for them among the running kernel's symbols.
var doers = [...]doer{
	{unix.RTM_NEWLINK, 0, false, []string{"rtnl_newlink"}},
	{unix.RTM_DELLINK, 0, false, []string{"rtnl_dellink", "unregister_netdevice_many"}},
	{unix.RTM_DELLINK, unix.AF_BRIDGE, false, []string{"rtnl_bridge_dellink", "br_dellink"}},
	{unix.RTM_GETLINK, 0, false, []string{"rtnl_getlink"}},
	{unix.RTM_GETLINK, 0, true, []string{"rtnl_dump_ifinfo"}},
	{unix.RTM_GETLINK, unix.AF_BRIDGE, true, []string{"rtnl_bridge_getlink", "br_getlink"}},
	{unix.RTM_SETLINK, 0, false, []string{"rtnl_setlink", "do_setlink"}},
	{unix.RTM_SETLINK, unix.AF_BRIDGE, false, []string{"rtnl_bridge_setlink", "br_setlink"}},
	{unix.RTM_NEWADDR, unix.AF_INET, false, []string{"inet_rtm_newaddr", "__inet_insert_ifa"}},
	{unix.RTM_NEWADDR, unix.AF_INET6, false, []string{"inet6_rtm_newaddr"}},
	{unix.RTM_DELADDR, unix.AF_INET, false, []string{"inet_rtm_deladdr"}},
	{unix.RTM_DELADDR, unix.AF_INET6, false, []string{"inet6_rtm_deladdr"}},
	{unix.RTM_GETADDR, 0, true, []string{"inet_dump_ifaddr", "inet6_dump_ifaddr"}},
	{unix.RTM_GETADDR, unix.AF_INET, true, []string{"inet_dump_ifaddr"}},
	{unix.RTM_GETADDR, unix.AF_INET6, true, []string{"inet6_dump_ifaddr"}},
	{unix.RTM_GETADDR, unix.AF_INET6, false, []string{"inet6_rtm_getaddr"}},
	{unix.RTM_NEWROUTE, unix.AF_INET, false, []string{"inet_rtm_newroute", "fib_table_insert"}},
	{unix.RTM_NEWROUTE, unix.AF_INET6, false, []string{"inet6_rtm_newroute", "ip6_route_add"}},
	{unix.RTM_NEWROUTE, unix.AF_MPLS, false, []string{"mpls_rtm_newroute"}},
	{unix.RTM_DELROUTE, unix.AF_INET, false, []string{"inet_rtm_delroute", "fib_table_delete"}},
	{unix.RTM_DELROUTE, unix.AF_INET6, false, []string{"inet6_rtm_delroute"}},
	{unix.RTM_DELROUTE, unix.AF_MPLS, false, []string{"mpls_rtm_delroute"}},
	{unix.RTM_GETROUTE, unix.AF_INET, false, []string{"inet_rtm_getroute"}},
	{unix.RTM_GETROUTE, unix.AF_INET6, false, []string{"inet6_rtm_getroute"}},
	{unix.RTM_GETROUTE, unix.AF_MPLS, false, []string{"mpls_getroute"}},
	{unix.RTM_GETROUTE, 0, true, []string{"inet_dump_fib", "inet6_dump_fib"}},
	{unix.RTM_GETROUTE, unix.AF_INET, true, []string{"inet_dump_fib"}},
	{unix.RTM_GETROUTE, unix.AF_INET6, true, []string{"inet6_dump_fib"}},
	{unix.RTM_GETROUTE, unix.AF_MPLS, true, []string{"mpls_dump_routes"}},
	{unix.RTM_NEWNEIGH, 0, false, []string{"neigh_add", "__neigh_update"}},
	{unix.RTM_NEWNEIGH, unix.AF_BRIDGE, false, []string{"rtnl_fdb_add"}},
	{unix.RTM_DELNEIGH, 0, false, []string{"neigh_delete"}},
	{unix.RTM_DELNEIGH, unix.AF_BRIDGE, false, []string{"rtnl_fdb_del"}},
	{unix.RTM_GETNEIGH, 0, false, []string{"neigh_get"}},
	{unix.RTM_GETNEIGH, 0, true, []string{"neigh_dump_info"}},
	{unix.RTM_GETNEIGH, unix.AF_BRIDGE, false, []string{"rtnl_fdb_get"}},
	{unix.RTM_GETNEIGH, unix.AF_BRIDGE, true, []string{"rtnl_fdb_dump"}},
	{unix.RTM_NEWRULE, 0, false, []string{"fib_nl_newrule"}},
	{unix.RTM_DELRULE, 0, false, []string{"fib_nl_delrule"}},
	{unix.RTM_GETRULE, 0, true, []string{"fib_nl_dumprule"}},
	{unix.RTM_GETNEIGHTBL, 0, true, []string{"neightbl_dump_info"}},
	{unix.RTM_SETNEIGHTBL, 0, false, []string{"neightbl_set"}},
	{unix.RTM_NEWADDRLABEL, 0, false, []string{"ip6addrlbl_newdel"}},
	{unix.RTM_DELADDRLABEL, 0, false, []string{"ip6addrlbl_newdel"}},
	{unix.RTM_GETADDRLABEL, 0, false, []string{"ip6addrlbl_get"}},
	{unix.RTM_GETADDRLABEL, 0, true, []string{"ip6addrlbl_dump"}},
	{unix.RTM_GETNETCONF, unix.AF_INET, false, []string{"inet_netconf_get_devconf"}},
	{unix.RTM_GETNETCONF, unix.AF_INET6, false, []string{"inet6_netconf_get_devconf"}},
	{unix.RTM_GETNETCONF, unix.AF_INET, true, []string{"inet_netconf_dump_devconf"}},
	{unix.RTM_GETNETCONF, unix.AF_INET6, true, []string{"inet6_netconf_dump_devconf"}},
	{unix.RTM_NEWMDB, 0, false, []string{"rtnl_mdb_add", "br_mdb_add"}},
	{unix.RTM_DELMDB, 0, false, []string{"rtnl_mdb_del", "br_mdb_del"}},
	{unix.RTM_GETMDB, 0, true, []string{"rtnl_mdb_dump", "br_mdb_dump"}},
	{unix.RTM_NEWNSID, 0, false, []string{"rtnl_net_newid"}},
	{unix.RTM_GETNSID, 0, false, []string{"rtnl_net_getid"}},
	{unix.RTM_GETNSID, 0, true, []string{"rtnl_net_dumpid"}},
	{unix.RTM_GETSTATS, 0, false, []string{"rtnl_stats_get"}},
	{unix.RTM_GETSTATS, 0, true, []string{"rtnl_stats_dump"}},
	{unix.RTM_SETSTATS, 0, false, []string{"rtnl_stats_set"}},
	{unix.RTM_NEWNEXTHOP, 0, false, []string{"rtm_new_nexthop"}},
	{unix.RTM_DELNEXTHOP, 0, false, []string{"rtm_del_nexthop"}},
	{unix.RTM_GETNEXTHOP, 0, false, []string{"rtm_get_nexthop"}},
	{unix.RTM_GETNEXTHOP, 0, true, []string{"rtm_dump_nexthop"}},
	{unix.RTM_NEWLINKPROP, 0, false, []string{"rtnl_newlinkprop", "rtnl_linkprop"}},
	{unix.RTM_DELLINKPROP, 0, false, []string{"rtnl_dellinkprop", "rtnl_linkprop"}},
	{rtnl.RTM_GETNEXTHOPBUCKET, 0, false, []string{"rtm_get_nexthop_bucket"}},
	{rtnl.RTM_GETNEXTHOPBUCKET, 0, true, []string{"rtm_dump_nexthop_bucket"}},
	{unix.RTM_NEWVLAN, 0, false, []string{"br_vlan_rtm_process"}},
	{unix.RTM_DELVLAN, 0, false, []string{"br_vlan_rtm_process"}},
	{unix.RTM_GETVLAN, 0, true, []string{"br_vlan_rtm_dump"}},
	{unix.RTM_NEWTUNNEL, 0, false, []string{"vxlan_vnifilter_process"}},
	{unix.RTM_DELTUNNEL, 0, false, []string{"vxlan_vnifilter_process"}},
	{unix.RTM_GETTUNNEL, 0, true, []string{"vxlan_vnifilter_dump"}},
}

// A maker is what of a kind's driver makes a link of it. Kinds that are not
// here have nothing of their own.
type maker struct{ kind, newlink string }

var makers = [...]maker{
	{"bond", "bond_newlink"}, {"bridge", "br_dev_newlink"}, {"can", "can_newlink"},
	{"erspan", "erspan_newlink"}, {"geneve", "geneve_newlink"}, {"gre", "ipgre_newlink"}, {"gretap", "ipgre_newlink"},
	{"gtp", "gtp_newlink"}, {"ip6erspan", "ip6erspan_newlink"}, {"ip6gre", "ip6gre_newlink"}, {"ip6gretap", "ip6gre_newlink"},
	{"ip6tnl", "ip6_tnl_newlink"}, {"ipip", "ipip_newlink"}, {"ipvlan", "ipvlan_link_new"}, {"ipvtap", "ipvtap_newlink"}, {"macsec", "macsec_newlink"},
	{"macvlan", "macvlan_newlink"}, {"macvtap", "macvtap_newlink"}, {"ppp", "ppp_nl_newlink"}, {"sit", "ipip6_newlink"},
	{"team", "team_newlink"}, {"veth", "veth_newlink"}, {"vlan", "vlan_newlink"}, {"vrf", "vrf_newlink"}, {"vti", "vti_newlink"}, {"vti6", "vti6_newlink"},
	{"vxcan", "vxcan_newlink"}, {"vxlan", "vxlan_newlink"}, {"wireguard", "wg_newlink"}, {"wwan", "wwan_rtnl_newlink"}, {"xfrm", "xfrmi_newlink"},
}

// A thing is what a group of four message types is about.
type thing struct {
	typ          uint16 // RTM_NEWx
	one, several string
	group        string // whose listeners hear of changes
}

var things = [...]thing{
	{unix.RTM_NEWLINK, "link", "links", "RTNLGRP_LINK"},
	{unix.RTM_NEWADDR, "address", "addresses", "RTNLGRP_IPV4_IFADDR"},
	{unix.RTM_NEWROUTE, "route", "routes", "RTNLGRP_IPV4_ROUTE"},
	{unix.RTM_NEWNEIGH, "neighbour", "neighbours", "RTNLGRP_NEIGH"},
	{unix.RTM_NEWRULE, "rule", "rules", "RTNLGRP_IPV4_RULE"},
	{unix.RTM_NEWPREFIX, "prefix", "prefixes", "RTNLGRP_IPV6_PREFIX"},
	{rtnl.RTM_NEWMULTICAST, "multicast address", "multicast addresses", ""},
	{rtnl.RTM_NEWANYCAST, "anycast address", "anycast addresses", ""},
	{unix.RTM_NEWNEIGHTBL, "neighbour table", "neighbour tables", ""},
	{unix.RTM_NEWADDRLABEL, "address label", "address labels", ""},
	{unix.RTM_NEWNETCONF, "setting of protocols", "settings of protocols", "RTNLGRP_IPV4_NETCONF"},
	{unix.RTM_NEWMDB, "multicast group of a bridge", "multicast groups of bridges", "RTNLGRP_MDB"},
	{unix.RTM_NEWNSID, "namespace id", "namespace ids", "RTNLGRP_NSID"},
	{unix.RTM_NEWSTATS, "link's counters", "links' counters", "RTNLGRP_STATS"},
	{unix.RTM_NEWNEXTHOP, "next hop", "next hops", "RTNLGRP_NEXTHOP"},
	{unix.RTM_NEWLINKPROP, "alternative name", "alternative names", "RTNLGRP_LINK"},
	{unix.RTM_NEWVLAN, "VLAN of a bridge port", "VLANs of bridge ports", "RTNLGRP_BRVLAN"},
	{rtnl.RTM_NEWNEXTHOPBUCKET, "bucket of a next hop group", "buckets of next hop groups", "RTNLGRP_NEXTHOP"},
	{unix.RTM_NEWTUNNEL, "VNI of a VXLAN", "VNIs of VXLANs", "RTNLGRP_TUNNEL"},
}

// The groups that IPv6 has of its own.
var groups6 = [...][2]string{
	{"RTNLGRP_IPV4_IFADDR", "RTNLGRP_IPV6_IFADDR"}, {"RTNLGRP_IPV4_ROUTE", "RTNLGRP_IPV6_ROUTE"}, {"RTNLGRP_IPV4_RULE", "RTNLGRP_IPV6_RULE"}, {"RTNLGRP_IPV4_NETCONF", "RTNLGRP_IPV6_NETCONF"},
}

func article(s string) string {
	switch s[0] {
	case 'a', 'e', 'i', 'o', 'u':
		return "an " + s
	}
	return "a " + s
}

// Describe says what one message is, at least a header, and what becomes of it.
func Describe(p []byte, o Options) About {
	a := About{Type: "message"}
	if len(p) < nl.HeaderLen {
		a.Title = "not a whole message"
		return a
	}
	w := newWalker(p, o, nil)
	w.yield = func(*Span) bool { return true }
	w.header(0, len(p), 0)
	m := &w.m
	if len(p) > nl.HeaderLen {
		m.family = p[nl.HeaderLen]
	}
	if a.Type = TypeName(o.Protocol, m.typ); a.Type == "" {
		a.Type = "type " + string(w.uint(uint64(m.typ)).buf)
		a.Title = "a message of " + Protocol(o.Protocol)
		return a
	}
	switch m.typ {
	case unix.NLMSG_ERROR, unix.NLMSG_DONE:
		if len(p) < nl.HeaderLen+4 {
			a.Title = "not a whole message"
			return a
		}
		e := int32(w.u32(nl.HeaderLen))
		switch {
		case e == 0 && m.typ == unix.NLMSG_ERROR:
			a.Title = "acknowledged: the request was carried out"
		case e == 0:
			a.Title = "the list is complete"
		default:
			a.Title = "refused: " + string(w.errnoText(e).buf)
		}
		return a
	}
	kind := ""
	if m.known != nil && m.known.Attrs == &rtnl.LinkAttrs && m.family != unix.AF_BRIDGE {
		kind = w.kind()
	}
	for i := range things {
		if things[i].typ == m.typ&^3 {
			a.say(&things[i], m, kind)
		}
	}
	return a
}

// kind returns IFLA_INFO_KIND of a link's message if it has only harmless
// letters, or "".
func (w *walker) kind() string {
	end := min(int(w.u32(0)), len(w.p))
	from, to := w.find(nl.HeaderLen+w.m.known.Header.Size, end, uint16(rtnl.IFLA_LINKINFO))
	from, to = w.find(from, to, uint16(rtnl.IFLA_INFO_KIND))
	k := text(w.p[from:to])
	for _, c := range k {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return ""
		}
	}
	return string(k)
}

func (a *About) say(th *thing, m *message, kind string) {
	f := m.flags
	one := article(th.one)
	if m.family == unix.AF_BRIDGE {
		switch th.typ {
		case unix.RTM_NEWLINK:
			one, th = "a bridge port's settings", &thing{th.typ, "bridge port", "bridge ports", th.group}
		case unix.RTM_NEWNEIGH:
			one, th = "a forwarding entry", &thing{th.typ, "forwarding entry", "forwarding entries", th.group}
		}
	}
	of := ""
	if kind != "" {
		of = " of the kind " + kind
	}
	if f&unix.NLM_F_REQUEST == 0 {
		a.Title = "the kernel tells of " + one + of
		if op(m.typ) == opDel {
			a.Title = "the kernel tells that " + one + of + " is gone"
		}
		return
	}
	dump := op(m.typ) == opGet && f&unix.NLM_F_DUMP == unix.NLM_F_DUMP
	switch op(m.typ) {
	case opNew:
		switch {
		case th.typ == unix.RTM_NEWNSID:
			a.Title = "give a namespace an id"
		case f&unix.NLM_F_CREATE == 0:
			a.Title = "change " + one + of
		case f&unix.NLM_F_REPLACE != 0:
			a.Title = "make or replace " + one + of
		default:
			a.Title = "make " + one + of
		}
	case opDel:
		a.Title = "remove " + one + of
	case opSet:
		a.Title = "change " + one + of
	case opGet:
		a.Title = "ask for " + one + of
		if dump {
			a.Title = "list " + th.several + of
		}
	}
	a.Kernel = way(m, dump, kind)
	a.replies(th, m, dump)
}

// way returns the functions that a request passes.
func way(m *message, dump bool, kind string) []string {
	var best *doer
	for i := range doers {
		if d := &doers[i]; d.typ == m.typ && d.dump == dump && (d.family == m.family || d.family == 0 && best == nil) {
			best = d
		}
	}
	if best == nil {
		return nil
	}
	out := append([]string{"rtnetlink_rcv_msg"}, best.way...)
	if m.typ != unix.RTM_NEWLINK {
		return out
	}
	if m.flags&unix.NLM_F_CREATE == 0 {
		return append(out, "do_setlink")
	}
	out = append(out, "rtnl_create_link")
	for i := range makers {
		if makers[i].kind == kind {
			out = append(out, makers[i].newlink)
		}
	}
	return append(out, "register_netdevice", "rtnl_configure_link")
}

func (a *About) replies(th *thing, m *message, dump bool) {
	newName := TypeName(unix.NETLINK_ROUTE, th.typ)
	f := m.flags
	switch {
	case dump:
		a.Replies = append(a.Replies, newName+" for each, several in a datagram, with NLM_F_MULTI", "NLMSG_DONE at the end; NLMSG_ERROR instead if it is refused")
		return
	case op(m.typ) == opGet:
		a.Replies = append(a.Replies, "one "+newName+", or NLMSG_ERROR with an errno")
	}
	if f&unix.NLM_F_ACK != 0 {
		a.Replies = append(a.Replies, "NLMSG_ERROR with error 0 when it is done, or with the errno and an extended ack that says why not")
	} else if op(m.typ) != opGet {
		a.Replies = append(a.Replies, "nothing if it is done, as NLM_F_ACK is not set; NLMSG_ERROR if it is refused")
	}
	if op(m.typ) == opGet || th.group == "" {
		return
	}
	group := th.group
	if m.family == unix.AF_INET6 {
		for _, g := range groups6 {
			if g[0] == group {
				group = g[1]
			}
		}
	}
	if f&unix.NLM_F_ECHO != 0 {
		a.Replies = append(a.Replies, "what listeners of "+group+" hear (NLM_F_ECHO)")
	} else {
		a.Replies = append(a.Replies, "listeners of "+group+" hear of the change")
	}
}
