package explain

import "golang.org/x/sys/unix"

// A reason says of a field why a program sends it, or what the kernel makes of
// it.
type reason struct{ name, text string }

// why returns the reason for a field, or "".
func why(name string, m *message) string {
	switch name {
	case "nlmsg_flags":
		return whyFlags(m)
	case "IFLA_IFNAME":
		if m.typ == unix.RTM_NEWLINK && m.flags&(unix.NLM_F_CREATE|unix.NLM_F_REQUEST) == unix.NLM_F_REQUEST {
			return "the new name; if ifi_index is 0, the link that is meant"
		}
	case "ifi_index":
		if m.typ == unix.RTM_NEWLINK && m.flags&unix.NLM_F_CREATE != 0 {
			return "0: the kernel chooses; any other number is the one that the link shall get"
		}
	case "rtm_scope":
		if m.typ == unix.RTM_DELROUTE {
			return "nowhere matches any scope"
		}
	}
	if m.flags&unix.NLM_F_REQUEST != 0 && m.known != nil && op(m.typ) != opNew {
		if s, ok := whyAsked(name, m); ok {
			return s
		}
	}
	lo, hi := 0, len(reasons)
	for lo < hi {
		mid := (lo + hi) / 2
		switch r := &reasons[mid]; {
		case r.name == name:
			return r.text
		case r.name < name:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return ""
}

// whyAsked is why for the header of a request that asks for something or removes
// it, where most fields only choose, or count for nothing. It reports false if a
// field means the same as in other requests.
func whyAsked(name string, m *message) (string, bool) {
	get := op(m.typ) == opGet
	if op(m.typ) == opDel {
		switch name {
		case "rtm_protocol", "rtm_type", "table", "action":
			return "if it is not 0: only what has the same", true
		case "ndm_state":
			return "", true
		}
	}
	dump := get && m.flags&unix.NLM_F_DUMP == unix.NLM_F_DUMP
	switch name {
	case "IFLA_IFNAME":
		return "the link of this name", true
	case "ifi_flags", "ifi_change":
		return "", get || op(m.typ) == opDel
	case "ifi_family":
		return "unspec and link: links; bridge: the ports of bridges", dump
	case "ifa_family", "rtm_family", "ndm_family", "family", "nh_family":
		return "of this family alone; unspec: of every one", dump && m.family != unix.AF_BRIDGE
	case "ifa_index":
		return "of this interface alone; 0: of every one", dump
	case "rtm_table", "rtm_protocol", "rtm_type":
		if dump {
			return "if it is not 0: only routes that have the same", true
		}
		return "", get
	case "rtm_scope":
		return "", get
	case "rtm_flags":
		if dump {
			return "cloned: what the kernel has cached, in place of what was set", true
		}
		return "lookup_table: the answer shall name the table that decides", get
	case "ifi_index", "ndm_ifindex", "ifa_prefixlen", "ifa_flags", "ifa_scope", "rtm_dst_len", "rtm_src_len", "ndm_state", "ndm_flags", "table", "action":
		return "", dump
	}
	return "", false
}

func whyFlags(m *message) string {
	f := m.flags
	switch {
	case m.typ == unix.NLMSG_ERROR:
		return "CAPPED: only the request's header follows; ACK_TLVS: attributes are behind it"
	case m.known == nil || f&unix.NLM_F_REQUEST == 0:
		if f&unix.NLM_F_MULTI != 0 {
			return "MULTI: more messages follow, the last is NLMSG_DONE"
		}
		return ""
	case op(m.typ) == opGet && f&unix.NLM_F_DUMP == unix.NLM_F_DUMP:
		return "DUMP: all of them, not one"
	case op(m.typ) == opGet:
		return ""
	case op(m.typ) == opDel, m.typ == unix.RTM_NEWNSID:
		return "ACK: the kernel shall say that it is done"
	case f&unix.NLM_F_CREATE != 0 && f&unix.NLM_F_EXCL != 0:
		return "CREATE and EXCL: make it; EEXIST if it is there already"
	case f&unix.NLM_F_CREATE != 0 && f&unix.NLM_F_REPLACE != 0:
		return "CREATE and REPLACE: make it, or take the place of the one that is there"
	case f&unix.NLM_F_CREATE != 0 && f&unix.NLM_F_APPEND != 0:
		return "CREATE and APPEND: make it beside what is there"
	case f&unix.NLM_F_CREATE != 0:
		return "CREATE: make it if it is not there"
	case f&unix.NLM_F_REPLACE != 0:
		return "REPLACE without CREATE: change the one that is there; ENOENT if there is none"
	}
	return "no CREATE: change the one that is there"
}

// reasons is in the order of the names.
var reasons = [...]reason{
	{"FRA_DPORT_RANGE", "for packets to these ports, both ends of the range included"},
	{"FRA_DST", "for packets to this prefix; its length is dst_len in the header"},
	{"FRA_FWMARK", "for packets with this mark, under the mask in FRA_FWMASK"},
	{"FRA_FWMASK", "the bits of the mark that are compared"},
	{"FRA_GOTO", "the rule, by its priority, to go on with"},
	{"FRA_IIFNAME", "for packets that come in by this interface"},
	{"FRA_IP_PROTO", "for packets of this protocol"},
	{"FRA_OIFNAME", "for packets of sockets that are bound to this interface"},
	{"FRA_PRIORITY", "rules are asked in ascending order of it"},
	{"FRA_SPORT_RANGE", "for packets from these ports, both ends of the range included"},
	{"FRA_SRC", "for packets from this prefix; its length is src_len in the header"},
	{"FRA_TABLE", "the routing table to look in; the header's byte has no room above 255"},
	{"IFA_ADDRESS", "the prefix's address: of a point-to-point link the other end's, otherwise the same as IFA_LOCAL"},
	{"IFA_BROADCAST", "where broadcasts of this prefix go; the kernel does not work it out itself"},
	{"IFA_CACHEINFO", "how long the address lives"},
	{"IFA_FLAGS", "all 32 flags; the header has room for 8"},
	{"IFA_LABEL", "a name for the address that old tools see as an interface, \"eth0:1\""},
	{"IFA_LOCAL", "the address of this host"},
	{"IFA_PROTO", "who set the address"},
	{"IFA_RT_PRIORITY", "the metric of the route that comes with the address"},
	{"IFLA_ADDRESS", "the link-layer address"},
	{"IFLA_AF_SPEC", "settings of protocols, one nest for each address family"},
	{"IFLA_ALT_IFNAME", "a further name, up to 127 bytes, or the long name by which a link is looked up"},
	{"IFLA_BOND_MIIMON", "how often it is looked whether the ports still have a carrier"},
	{"IFLA_BOND_MODE", "by which rule a port is chosen for a packet"},
	{"IFLA_BRIDGE_FLAGS", "self: the device's own driver; master: the bridge that it is a port of"},
	{"IFLA_BRIDGE_VLAN_INFO", "a VLAN, or an end of a range of them, and how its frames leave the port"},
	{"IFLA_BRPORT_COST", "what the spanning tree reckons for a way through this port"},
	{"IFLA_BRPORT_LEARNING", "on: source addresses of frames that come in are remembered"},
	{"IFLA_BRPORT_MODE", "hairpin: frames may leave by the port that they came in by"},
	{"IFLA_BR_AGEING_TIME", "a learned address is forgotten after that time"},
	{"IFLA_BR_FORWARD_DELAY", "how long a port listens and learns before it forwards"},
	{"IFLA_BR_STP_STATE", "on: the bridge looks for loops by the spanning tree protocol"},
	{"IFLA_BR_VLAN_FILTERING", "on: ports carry the VLANs that they are members of, and no others"},
	{"IFLA_EXT_MASK", "how much of each link shall be told: without SKIP_STATS its counters, with VF its virtual functions"},
	{"IFLA_GENEVE_ID", "the tunnel's network identifier (VNI)"},
	{"IFLA_GENEVE_REMOTE", "the other end of the tunnel"},
	{"IFLA_GRE_IKEY", "packets that come in must carry this key"},
	{"IFLA_GRE_LOCAL", "the source of the outer packets"},
	{"IFLA_GRE_OKEY", "packets that leave carry this key"},
	{"IFLA_GRE_REMOTE", "the other end of the tunnel"},
	{"IFLA_GRE_TTL", "of the outer packets; 0: that of the inner ones"},
	{"IFLA_GROUP", "a number by which many links are changed or removed at once"},
	{"IFLA_IFALIAS", "a remark for people"},
	{"IFLA_IFNAME", "the name, 15 bytes and a NUL; without one the kernel makes one of the kind"},
	{"IFLA_INFO_DATA", "what is special to the kind: the table for it is chosen by IFLA_INFO_KIND"},
	{"IFLA_INFO_KIND", "the kind by its name: it chooses the driver; iproute2 leaves its NUL out"},
	{"IFLA_INFO_SLAVE_DATA", "settings of a port: the table is chosen by the kind of its master"},
	{"IFLA_INFO_SLAVE_KIND", "the kind of the master"},
	{"IFLA_INFO_XSTATS", "counters of the driver's own"},
	{"IFLA_IPTUN_LOCAL", "the source of the outer packets"},
	{"IFLA_IPTUN_REMOTE", "the other end of the tunnel"},
	{"IFLA_IPVLAN_MODE", "l2, l3 or l3s: where packets of slaves are switched"},
	{"IFLA_LINK", "the link that this one sits on"},
	{"IFLA_LINKINFO", "what kind of link it is, and what is special to it"},
	{"IFLA_LINK_NETNSID", "the namespace that IFLA_LINK's number counts in, as an id of this one's"},
	{"IFLA_MACVLAN_MODE", "who may talk to whom among links on the same lower one"},
	{"IFLA_MASTER", "the bridge (or bond, VRF) that the link becomes a port of; 0 takes it out"},
	{"IFLA_MTU", "the longest packet that the link takes"},
	{"IFLA_NET_NS_FD", "a descriptor of the namespace that the link is made in, or moved to"},
	{"IFLA_NET_NS_PID", "a process in the namespace that the link is made in, or moved to"},
	{"IFLA_NEW_IFINDEX", "the number that the link shall have in its new namespace"},
	{"IFLA_NUM_RX_QUEUES", "queues of the link; one saves memory, and time when it is made"},
	{"IFLA_NUM_TX_QUEUES", "queues of the link; one saves memory, and time when it is made"},
	{"IFLA_PROP_LIST", "properties of which a link may have several: alternative names"},
	{"IFLA_PROTINFO", "settings of a bridge port"},
	{"IFLA_TARGET_NETNSID", "the namespace that is asked about, as an id of this one's"},
	{"IFLA_TXQLEN", "packets that may wait to be sent"},
	{"IFLA_VLAN_EGRESS_QOS", "from a packet's priority to the one in the VLAN tag"},
	{"IFLA_VLAN_ID", "the VLAN, 1 to 4094"},
	{"IFLA_VLAN_INGRESS_QOS", "from the priority in the VLAN tag to the packet's"},
	{"IFLA_VLAN_PROTOCOL", "the type of the tag: 802.1Q, or 802.1ad for the outer of two"},
	{"IFLA_VRF_TABLE", "the routing table of whoever is bound to this VRF"},
	{"IFLA_VXLAN_GROUP", "where frames to unknown addresses go: a multicast group, or the only other end"},
	{"IFLA_VXLAN_ID", "the tunnel's network identifier (VNI)"},
	{"IFLA_VXLAN_LEARNING", "on: the other end of a frame's source address is remembered"},
	{"IFLA_VXLAN_LINK", "the link that the outer packets leave by"},
	{"IFLA_VXLAN_LOCAL", "the source of the outer packets"},
	{"IFLA_VXLAN_PORT", "the UDP port of the other ends: 4789 is the standard's, 8472 the kernel's old default"},
	{"IFLA_VXLAN_TTL", "of the outer packets; 0: the kernel chooses"},
	{"MDBA_SET_ENTRY", "the group, and the port that is a member of it"},
	{"MPLS_IPTUNNEL_DST", "the labels, the outermost first, 4 bytes each"},
	{"MPLS_IPTUNNEL_TTL", "of the labels"},
	{"NDA_DST", "the neighbour's address; of a forwarding entry the other end of the tunnel"},
	{"NDA_IFINDEX", "the interface that is meant; of a tunnel's entry the one that the outer packets leave by"},
	{"NDA_LLADDR", "the link-layer address to send to"},
	{"NDA_MASTER", "the bridge that the entry belongs to"},
	{"NDA_PORT", "the UDP port of the other end"},
	{"NDA_VLAN", "the VLAN that the entry is for"},
	{"NDA_VNI", "the network identifier (VNI) on the way to the other end"},
	{"NETNSA_FD", "a descriptor of the namespace that is meant"},
	{"NETNSA_NSID", "the number by which this namespace knows the other; -1: the kernel chooses"},
	{"NETNSA_PID", "a process in the namespace that is meant"},
	{"NHA_BLACKHOLE", "packets are dropped"},
	{"NHA_GATEWAY", "the next router"},
	{"NHA_GROUP", "the next hops among which packets are shared, and their weights"},
	{"NHA_ID", "the number by which routes refer to it"},
	{"NHA_OIF", "the interface that packets leave by"},
	{"NLMSGERR_ATTR_COOKIE", "the kernel's remark for programs"},
	{"NLMSGERR_ATTR_MISS_NEST", "the nest that lacks an attribute"},
	{"NLMSGERR_ATTR_MISS_TYPE", "the attribute that is missing"},
	{"NLMSGERR_ATTR_MSG", "the kernel's own words"},
	{"NLMSGERR_ATTR_OFFS", "the attribute that it objects to, as an offset in the request"},
	{"NLMSGERR_ATTR_POLICY", "what the kernel wants of that attribute"},
	{"RTAX_LOCK", "the settings that the kernel must not change by what it learns, a bit each"},
	{"RTA_DST", "for packets to this prefix; its length is rtm_dst_len in the header"},
	{"RTA_ENCAP", "how packets are wrapped on their way: the table is chosen by RTA_ENCAP_TYPE"},
	{"RTA_ENCAP_TYPE", "the kind of wrapping"},
	{"RTA_GATEWAY", "the next router"},
	{"RTA_METRICS", "settings of connections that use the route"},
	{"RTA_MULTIPATH", "several next hops"},
	{"RTA_NH_ID", "a next hop that is an object of its own"},
	{"RTA_OIF", "the interface that packets leave by"},
	{"RTA_PREFSRC", "the source address of packets that have none yet"},
	{"RTA_PRIORITY", "the metric: the lower is preferred"},
	{"RTA_SRC", "for packets from this prefix"},
	{"RTA_TABLE", "the routing table; the header's byte has no room above 255"},
	{"RTA_VIA", "the next router, of another address family than the route"},
	{"SEG6_IPTUNNEL_SRH", "the routing header that packets get: the segments in it are in reverse order"},
	{"VETH_INFO_PEER", "the other end, described as a link of its own: ifinfomsg, then its attributes"},
	{"action", "table: look the packet up there; blackhole and its like: an error on purpose"},
	{"error", "an errno with a minus sign, or 0"},
	{"ifa_family", "chooses the protocol that handles the message"},
	{"ifa_flags", "the lower 8 of the flags"},
	{"ifa_index", "the interface that the address is of"},
	{"ifa_prefixlen", "bits of the address that all hosts of the network share"},
	{"ifa_scope", "how far the address is good for"},
	{"ifi_change", "the bits of ifi_flags that count, the others stay; if it is 0 all count, unless ifi_flags is 0, too"},
	{"ifi_family", "unspec: the link itself; bridge: a bridge's view of its port"},
	{"ifi_flags", "the flags that the link shall have: UP brings it up"},
	{"ifi_index", "which link; 0: it is named by an attribute, or all are meant"},
	{"ifi_type", "the kernel tells; of requests it takes no notice"},
	{"ndm_family", "chooses ARP, NDISC, or a bridge's forwarding table"},
	{"ndm_flags", "self: the device's own table; master: that of its bridge; proxy: answer for another"},
	{"ndm_ifindex", "the interface that the neighbour is behind"},
	{"ndm_state", "PERMANENT: never asked for nor forgotten; NOARP: valid without asking"},
	{"nlmsg_len", "the whole message with this header; the next begins at the next multiple of 4"},
	{"nlmsg_pid", "the sender's port; the kernel fills the real one in for the answer"},
	{"nlmsg_seq", "the answers carry the same number"},
	{"nlmsg_type", "what the message is about, and so which header and attributes follow"},
	{"rtm_dst_len", "bits of RTA_DST; 0 is the default route"},
	{"rtm_family", "chooses the protocol that handles the message"},
	{"rtm_protocol", "who made the route: the kernel only keeps it"},
	{"rtm_scope", "how far the destination is: link is directly there, global behind a router"},
	{"rtm_src_len", "bits of RTA_SRC"},
	{"rtm_table", "the routing table, if RTA_TABLE does not say it"},
	{"rtm_type", "unicast is an ordinary route; blackhole and its like are errors on purpose"},
	{"rtnh_hops", "the weight, less one"},
	{"rtnh_len", "this header and the attributes behind it"},
	{"table", "the routing table, if FRA_TABLE does not say it"},
	{"weight", "the share of the packets, less one"},
}
