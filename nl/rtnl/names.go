package rtnl

import "rawns/nl"

// Words for numbers, spelled as iproute2 prints them where it does, and as the
// kernel's headers spell them otherwise.

// LinkFlags are the IFF_ bits, linux/if.h.
var LinkFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x1, Name: "UP"}, {Value: 0x2, Name: "BROADCAST"}, {Value: 0x4, Name: "DEBUG"}, {Value: 0x8, Name: "LOOPBACK"},
	{Value: 0x10, Name: "POINTOPOINT"}, {Value: 0x20, Name: "NOTRAILERS"}, {Value: 0x40, Name: "RUNNING"}, {Value: 0x80, Name: "NOARP"},
	{Value: 0x100, Name: "PROMISC"}, {Value: 0x200, Name: "ALLMULTI"}, {Value: 0x400, Name: "MASTER"}, {Value: 0x800, Name: "SLAVE"},
	{Value: 0x1000, Name: "MULTICAST"}, {Value: 0x2000, Name: "PORTSEL"}, {Value: 0x4000, Name: "AUTOMEDIA"}, {Value: 0x8000, Name: "DYNAMIC"},
	{Value: 0x10000, Name: "LOWER_UP"}, {Value: 0x20000, Name: "DORMANT"}, {Value: 0x40000, Name: "ECHO"},
}}

// OperStates are IF_OPER_, linux/if.h (RFC 2863).
var OperStates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "UNKNOWN"}, {Value: 1, Name: "NOTPRESENT"}, {Value: 2, Name: "DOWN"}, {Value: 3, Name: "LOWERLAYERDOWN"},
	{Value: 4, Name: "TESTING"}, {Value: 5, Name: "DORMANT"}, {Value: 6, Name: "UP"},
}}

// LinkModes are IF_LINK_MODE_, linux/if.h.
var LinkModes = nl.Names{List: []nl.Name{{Value: 0, Name: "DEFAULT"}, {Value: 1, Name: "DORMANT"}, {Value: 2, Name: "TESTING"}}}

// ExtMasks are the RTEXT_FILTER_ bits, linux/rtnetlink.h.
var ExtMasks = nl.Names{Flags: true, List: []nl.Name{
	{Value: 1, Name: "VF"}, {Value: 2, Name: "BRVLAN"}, {Value: 4, Name: "BRVLAN_COMPRESSED"}, {Value: 8, Name: "SKIP_STATS"},
	{Value: 16, Name: "MRP"}, {Value: 32, Name: "CFM_CONFIG"}, {Value: 64, Name: "CFM_STATUS"}, {Value: 128, Name: "MST"},
}}

// AddrGenModes are IN6_ADDR_GEN_MODE_, linux/if_link.h.
var AddrGenModes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "eui64"}, {Value: 1, Name: "none"}, {Value: 2, Name: "stable_secret"}, {Value: 3, Name: "random"},
}}

// BridgePortStates are BR_STATE_, linux/if_bridge.h.
var BridgePortStates = nl.Names{List: []nl.Name{
	{Value: 0, Name: "disabled"}, {Value: 1, Name: "listening"}, {Value: 2, Name: "learning"}, {Value: 3, Name: "forwarding"}, {Value: 4, Name: "blocking"},
}}

// AddrFlags are the IFA_F_ bits, linux/if_addr.h.
var AddrFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x1, Name: "secondary"}, {Value: 0x2, Name: "nodad"}, {Value: 0x4, Name: "optimistic"}, {Value: 0x8, Name: "dadfailed"},
	{Value: 0x10, Name: "home"}, {Value: 0x20, Name: "deprecated"}, {Value: 0x40, Name: "tentative"}, {Value: 0x80, Name: "permanent"},
	{Value: 0x100, Name: "mngtmpaddr"}, {Value: 0x200, Name: "noprefixroute"}, {Value: 0x400, Name: "autojoin"}, {Value: 0x800, Name: "stable-privacy"},
}}

// Scopes are RT_SCOPE_, linux/rtnetlink.h.
var Scopes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "global"}, {Value: 200, Name: "site"}, {Value: 253, Name: "link"}, {Value: 254, Name: "host"}, {Value: 255, Name: "nowhere"},
}}

// RouteTypes are RTN_, linux/rtnetlink.h.
var RouteTypes = nl.Names{List: []nl.Name{
	{Value: 0, Name: "none"}, {Value: 1, Name: "unicast"}, {Value: 2, Name: "local"}, {Value: 3, Name: "broadcast"}, {Value: 4, Name: "anycast"},
	{Value: 5, Name: "multicast"}, {Value: 6, Name: "blackhole"}, {Value: 7, Name: "unreachable"}, {Value: 8, Name: "prohibit"},
	{Value: 9, Name: "throw"}, {Value: 10, Name: "nat"}, {Value: 11, Name: "xresolve"},
}}

// Protocols are RTPROT_, linux/rtnetlink.h, as in iproute2's rt_protos.
var Protocols = nl.Names{List: []nl.Name{
	{Value: 0, Name: "unspec"}, {Value: 1, Name: "redirect"}, {Value: 2, Name: "kernel"}, {Value: 3, Name: "boot"}, {Value: 4, Name: "static"},
	{Value: 8, Name: "gated"}, {Value: 9, Name: "ra"}, {Value: 10, Name: "mrt"}, {Value: 11, Name: "zebra"}, {Value: 12, Name: "bird"},
	{Value: 13, Name: "dnrouted"}, {Value: 14, Name: "xorp"}, {Value: 15, Name: "ntk"}, {Value: 16, Name: "dhcp"}, {Value: 17, Name: "mrouted"},
	{Value: 18, Name: "keepalived"}, {Value: 42, Name: "babel"}, {Value: 99, Name: "openr"}, {Value: 186, Name: "bgp"}, {Value: 187, Name: "isis"},
	{Value: 188, Name: "ospf"}, {Value: 189, Name: "rip"}, {Value: 192, Name: "eigrp"},
}}

// Tables are RT_TABLE_, linux/rtnetlink.h.
var Tables = nl.Names{List: []nl.Name{
	{Value: 0, Name: "unspec"}, {Value: 253, Name: "default"}, {Value: 254, Name: "main"}, {Value: 255, Name: "local"},
}}

// RoutePrefs are ICMPV6_ROUTER_PREF_, linux/icmpv6.h.
var RoutePrefs = nl.Names{List: []nl.Name{{Value: 0, Name: "medium"}, {Value: 1, Name: "high"}, {Value: 3, Name: "low"}}}

// RouteFlags are the RTNH_F_ and RTM_F_ bits, linux/rtnetlink.h.
var RouteFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x1, Name: "dead"}, {Value: 0x2, Name: "pervasive"}, {Value: 0x4, Name: "onlink"}, {Value: 0x8, Name: "offload"}, {Value: 0x10, Name: "linkdown"},
	{Value: 0x20, Name: "unresolved"}, {Value: 0x40, Name: "trap"},
	{Value: 0x100, Name: "notify"}, {Value: 0x200, Name: "cloned"}, {Value: 0x400, Name: "equalize"}, {Value: 0x800, Name: "prefix"},
	{Value: 0x1000, Name: "lookup_table"}, {Value: 0x2000, Name: "fib_match"}, {Value: 0x4000, Name: "rt_offload"}, {Value: 0x8000, Name: "rt_trap"},
	{Value: 0x20000000, Name: "rt_offload_failed"},
}}

// NeighStates are the NUD_ bits, linux/neighbour.h.
var NeighStates = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x1, Name: "INCOMPLETE"}, {Value: 0x2, Name: "REACHABLE"}, {Value: 0x4, Name: "STALE"}, {Value: 0x8, Name: "DELAY"},
	{Value: 0x10, Name: "PROBE"}, {Value: 0x20, Name: "FAILED"}, {Value: 0x40, Name: "NOARP"}, {Value: 0x80, Name: "PERMANENT"},
}}

// NeighFlags are the NTF_ bits, linux/neighbour.h.
var NeighFlags = nl.Names{Flags: true, List: []nl.Name{
	{Value: 0x1, Name: "use"}, {Value: 0x2, Name: "self"}, {Value: 0x4, Name: "master"}, {Value: 0x8, Name: "proxy"},
	{Value: 0x10, Name: "extern_learn"}, {Value: 0x20, Name: "offload"}, {Value: 0x40, Name: "sticky"}, {Value: 0x80, Name: "router"},
}}

// NeighExtFlags are the NTF_EXT_ bits, linux/neighbour.h.
var NeighExtFlags = nl.Names{Flags: true, List: []nl.Name{{Value: 1, Name: "managed"}, {Value: 2, Name: "locked"}, {Value: 4, Name: "ext_validated"}}}

// Families are the AF_ numbers that rtnetlink meets, linux/socket.h.
var Families = nl.Names{List: []nl.Name{
	{Value: 0, Name: "unspec"}, {Value: 2, Name: "inet"}, {Value: 7, Name: "bridge"}, {Value: 10, Name: "inet6"}, {Value: 17, Name: "link"}, {Value: 28, Name: "mpls"},
}}

// ARPHRDs are the ARPHRD_ link types, linux/if_arp.h.
var ARPHRDs = nl.Names{List: []nl.Name{
	{Value: 0, Name: "netrom"}, {Value: 1, Name: "ether"}, {Value: 2, Name: "eether"}, {Value: 3, Name: "ax25"}, {Value: 4, Name: "pronet"},
	{Value: 5, Name: "chaos"}, {Value: 6, Name: "ieee802"}, {Value: 7, Name: "arcnet"}, {Value: 8, Name: "atalk"}, {Value: 15, Name: "dlci"},
	{Value: 19, Name: "atm"}, {Value: 23, Name: "metricom"}, {Value: 24, Name: "ieee1394"}, {Value: 32, Name: "infiniband"},
	{Value: 256, Name: "slip"}, {Value: 257, Name: "cslip"}, {Value: 258, Name: "slip6"}, {Value: 259, Name: "cslip6"}, {Value: 260, Name: "rsrvd"},
	{Value: 264, Name: "adapt"}, {Value: 270, Name: "rose"}, {Value: 271, Name: "x25"}, {Value: 272, Name: "hwx25"}, {Value: 280, Name: "can"},
	{Value: 512, Name: "ppp"}, {Value: 513, Name: "hdlc"}, {Value: 516, Name: "lapb"}, {Value: 517, Name: "ddcmp"}, {Value: 518, Name: "rawhdlc"}, {Value: 519, Name: "rawip"},
	{Value: 768, Name: "ipip"}, {Value: 769, Name: "tunnel6"}, {Value: 770, Name: "frad"}, {Value: 771, Name: "skip"}, {Value: 772, Name: "loopback"},
	{Value: 773, Name: "localtlk"}, {Value: 774, Name: "fddi"}, {Value: 775, Name: "bif"}, {Value: 776, Name: "sit"}, {Value: 777, Name: "ip/ddp"},
	{Value: 778, Name: "gre"}, {Value: 779, Name: "pimreg"}, {Value: 780, Name: "hippi"}, {Value: 781, Name: "ash"}, {Value: 782, Name: "econet"},
	{Value: 783, Name: "irda"}, {Value: 784, Name: "fcpp"}, {Value: 785, Name: "fcal"}, {Value: 786, Name: "fcpl"}, {Value: 787, Name: "fcfb0"},
	{Value: 800, Name: "tr"}, {Value: 801, Name: "ieee802.11"}, {Value: 802, Name: "ieee802.11/prism"}, {Value: 803, Name: "ieee802.11/radiotap"},
	{Value: 804, Name: "ieee802.15.4"}, {Value: 805, Name: "ieee802.15.4/monitor"}, {Value: 820, Name: "phonet"}, {Value: 821, Name: "phonet_pipe"},
	{Value: 822, Name: "caif"}, {Value: 823, Name: "gre6"}, {Value: 824, Name: "netlink"}, {Value: 825, Name: "6lowpan"}, {Value: 65534, Name: "none"}, {Value: 65535, Name: "void"},
}}

// EtherTypes are the ETH_P_ numbers of frames, linux/if_ether.h.
var EtherTypes = nl.Names{List: []nl.Name{
	{Value: 0x1, Name: "802_3"}, {Value: 0x2, Name: "ax25"}, {Value: 0x3, Name: "all"}, {Value: 0x4, Name: "802_2"}, {Value: 0x5, Name: "snap"},
	{Value: 0x6, Name: "ddcmp"}, {Value: 0x7, Name: "wan_ppp"}, {Value: 0x8, Name: "ppp_mp"}, {Value: 0x9, Name: "localtalk"},
	{Value: 0xc, Name: "can"}, {Value: 0x10, Name: "ppptalk"}, {Value: 0x11, Name: "tr_802_2"}, {Value: 0x15, Name: "mobitex"},
	{Value: 0x16, Name: "control"}, {Value: 0x17, Name: "irda"}, {Value: 0x18, Name: "econet"}, {Value: 0x60, Name: "loop"},
	{Value: 0x200, Name: "pup"}, {Value: 0x201, Name: "pupat"}, {Value: 0x800, Name: "ip"}, {Value: 0x800, Name: "ipv4"}, {Value: 0x805, Name: "x25"},
	{Value: 0x806, Name: "arp"}, {Value: 0x8ff, Name: "bpq"}, {Value: 0xa00, Name: "ieeepup"}, {Value: 0xa01, Name: "ieeepupat"},
	{Value: 0x6000, Name: "dec"}, {Value: 0x6001, Name: "dna_dl"}, {Value: 0x6002, Name: "dna_rc"}, {Value: 0x6003, Name: "dna_rt"},
	{Value: 0x6004, Name: "lat"}, {Value: 0x6005, Name: "diag"}, {Value: 0x6006, Name: "cust"}, {Value: 0x6007, Name: "sca"},
	{Value: 0x6558, Name: "teb"}, {Value: 0x8035, Name: "rarp"}, {Value: 0x809b, Name: "atalk"}, {Value: 0x80f3, Name: "aarp"},
	{Value: 0x8100, Name: "802.1Q"}, {Value: 0x8137, Name: "ipx"}, {Value: 0x86dd, Name: "ipv6"}, {Value: 0x8847, Name: "mpls_uc"},
	{Value: 0x8848, Name: "mpls_mc"}, {Value: 0x884c, Name: "atmmpoa"}, {Value: 0x8863, Name: "ppp_disc"}, {Value: 0x8864, Name: "ppp_ses"},
	{Value: 0x8884, Name: "atmfate"}, {Value: 0x8892, Name: "profinet"}, {Value: 0x88a2, Name: "aoe"}, {Value: 0x88a4, Name: "ethercat"},
	{Value: 0x88a8, Name: "802.1ad"}, {Value: 0x88ca, Name: "tipc"}, {Value: 0x88cc, Name: "LLDP"},
}}

// OffOn are the values of switches.
var OffOn = nl.Names{List: []nl.Name{{Value: 0, Name: "off"}, {Value: 1, Name: "on"}}}
