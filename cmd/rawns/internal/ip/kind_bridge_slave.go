package ip

import (
	"strconv"

	"rawns/nl"
	"rawns/nl/rtnl"
)

var bridgePortOptions = table{name: "bridge_slave", wrong: "invalid %", code: exitMissing, rows: []option{
	{name: "fdb_flush", val: valNone, attr: uint16(rtnl.IFLA_BRPORT_FLUSH), about: helps("forget what was learnt here")},
	{name: "state", val: valU8, attr: uint16(rtnl.IFLA_BRPORT_STATE), arg: "STATE", says: &saying{wrong: "% is invalid"}, about: helps("0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking")},
	{name: "priority", val: valU16, attr: uint16(rtnl.IFLA_BRPORT_PRIORITY), arg: "PRIO", says: &saying{wrong: "% is invalid"}, about: helps("the port with the least is preferred, 0 to 63")},
	{name: "cost", val: valU32, attr: uint16(rtnl.IFLA_BRPORT_COST), arg: "COST", says: &saying{wrong: "% is invalid"}, about: helps("of the way through this port")},
	{name: "hairpin", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_MODE), arg: "{ on | off }", about: helps("send packets back where they came from")},
	{name: "guard", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_GUARD), arg: "{ on | off }", about: helps("drop the hellos of bridges")},
	{name: "root_block", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_PROTECT), arg: "{ on | off }", about: helps("never become the way to the root")},
	{name: "fastleave", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), arg: "{ on | off }", about: helps("forget a member of a group at once")},
	{name: "learning", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_LEARNING), arg: "{ on | off }", about: helps("learn addresses here")},
	{name: "flood", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_UNICAST_FLOOD), arg: "{ on | off }", about: helps("send packets to unknown addresses here")},
	{name: "mcast_flood", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_MCAST_FLOOD), arg: "{ on | off }", about: helps("send packets to unknown groups here")},
	{name: "bcast_flood", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_BCAST_FLOOD), arg: "{ on | off }", about: helps("send broadcasts here")},
	{name: "mcast_to_unicast", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_MCAST_TO_UCAST), arg: "{ on | off }", about: helps("send a packet to a group once to each member")},
	{name: "proxy_arp", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_PROXYARP), arg: "{ on | off }", about: helps("answer ARP for others")},
	{name: "proxy_arp_wifi", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_PROXYARP_WIFI), arg: "{ on | off }", about: helps("the same, as access points need it")},
	{name: "mcast_router", val: valU8, attr: uint16(rtnl.IFLA_BRPORT_MULTICAST_ROUTER), arg: "MULTICAST_ROUTER", about: helps("0: none here, 1: when one is heard, 2: always")},
	{name: "mcast_fast_leave", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), arg: "{ on | off }", about: helps("the same")},
	{name: "neigh_suppress", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_NEIGH_SUPPRESS), arg: "{ on | off }", about: helps("answer ARP and neighbour discovery for those that are known")},
	{name: "group_fwd_mask", val: valU16, attr: uint16(rtnl.IFLA_BRPORT_GROUP_FWD_MASK), arg: "MASK", about: helps("groups 01:80:c2:00:00:0X that are forwarded all the same")},
	{name: "vlan_tunnel", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_VLAN_TUNNEL), arg: "{ on | off }", about: helps("map VLANs to tunnels")},
	{name: "isolated", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_ISOLATED), arg: "{ on | off }", about: helps("talk to ports that are not isolated only")},
	{name: "locked", val: valOnOff, attr: uint16(rtnl.IFLA_BRPORT_LOCKED), arg: "{ on | off }", about: helps("only hosts that are known may speak")},
	{name: "backup_port", val: valDev, attr: uint16(rtnl.IFLA_BRPORT_BACKUP_PORT), arg: "DEVICE", about: helps("the port to use when this one is down")},
	{name: "nobackup_port", val: valFunc, parse: portNoBackup, about: helps("none")},
}}

func portNoBackup(_ *args, st state, _ *option) { st.req().b.U32(rtnl.IFLA_BRPORT_BACKUP_PORT, 0) }

var bridgePortFields = []field{
	{uint16(rtnl.IFLA_BRPORT_STATE), "state", "state ", showPortState},
	{uint16(rtnl.IFLA_BRPORT_PRIORITY), "priority", "priority ", showUint},
	{uint16(rtnl.IFLA_BRPORT_COST), "cost", "cost ", showUint},
	{uint16(rtnl.IFLA_BRPORT_MODE), "hairpin", "hairpin ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_GUARD), "guard", "guard ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_PROTECT), "root_block", "root_block ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), "fastleave", "fastleave ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_LEARNING), "learning", "learning ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_UNICAST_FLOOD), "flood", "flood ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_ID), "id", "port_id ", showHex},
	{uint16(rtnl.IFLA_BRPORT_NO), "no", "port_no ", showHex},
	{uint16(rtnl.IFLA_BRPORT_DESIGNATED_PORT), "designated_port", "designated_port ", showUint},
	{uint16(rtnl.IFLA_BRPORT_DESIGNATED_COST), "designated_cost", "designated_cost ", showUint},
	{uint16(rtnl.IFLA_BRPORT_BRIDGE_ID), "bridge_id", "designated_bridge ", showBridgeID},
	{uint16(rtnl.IFLA_BRPORT_ROOT_ID), "root_id", "designated_root ", showBridgeID},
	{uint16(rtnl.IFLA_BRPORT_HOLD_TIMER), "hold_timer", "hold_timer ", showTimer},
	{uint16(rtnl.IFLA_BRPORT_MESSAGE_AGE_TIMER), "message_age_timer", "message_age_timer ", showTimer},
	{uint16(rtnl.IFLA_BRPORT_FORWARD_DELAY_TIMER), "forward_delay_timer", "forward_delay_timer ", showTimer},
	{uint16(rtnl.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK), "topology_change_ack", "topology_change_ack ", showUint},
	{uint16(rtnl.IFLA_BRPORT_CONFIG_PENDING), "config_pending", "config_pending ", showUint},
	{uint16(rtnl.IFLA_BRPORT_PROXYARP), "proxy_arp", "proxy_arp ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_PROXYARP_WIFI), "proxy_arp_wifi", "proxy_arp_wifi ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_MULTICAST_ROUTER), "multicast_router", "mcast_router ", showUint},
	{uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), "", "mcast_fast_leave ", showOnOff}, // once more, in text alone
	{uint16(rtnl.IFLA_BRPORT_MCAST_FLOOD), "mcast_flood", "mcast_flood ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_BCAST_FLOOD), "bcast_flood", "bcast_flood ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_MCAST_TO_UCAST), "mcast_to_unicast", "mcast_to_unicast ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_NEIGH_SUPPRESS), "neigh_suppress", "neigh_suppress ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_GROUP_FWD_MASK), "group_fwd_mask", "group_fwd_mask ", showFwdMask},
	{uint16(rtnl.IFLA_BRPORT_VLAN_TUNNEL), "vlan_tunnel", "vlan_tunnel ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_ISOLATED), "isolated", "isolated ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_LOCKED), "locked", "locked ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_BACKUP_PORT), "backup_port", "backup_port ", showDev},
}

func showPortState(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	if !ok {
		return
	}
	if s := rtnl.BridgePortStates.Name(uint32(n)); s != "" {
		l.Str(f.key, f.text, s, " ")
	} else {
		l.Uint("state_index", "state (", n, ") ")
	}
}

// showFwdMask writes the mask of link-local groups that a port forwards, and
// then with names for those bits that have one.
func showFwdMask(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	if !ok {
		return
	}
	l.Hex(f.key, f.text, n, " ")
	s := ""
	for i := range 16 {
		if n>>i&1 == 0 {
			continue
		}
		if s != "" {
			s += ","
		}
		switch i {
		case 0:
			s += "stp"
		case 2:
			s += "lacp"
		case 14:
			s += "lldp"
		default:
			s += "0x" + strconv.FormatUint(1<<i, 16)
		}
	}
	if s == "" {
		s = "0x0"
	}
	l.Str("group_fwd_mask_str", "group_fwd_mask_str ", s, " ")
}
