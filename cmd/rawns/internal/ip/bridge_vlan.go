package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// vlanCommands is the object vlan.
var vlanCommands = commands{name: "bridge vlan", none: parseVLANShow, rows: []command{
	{name: "add", usage: "vid VID dev DEV [ OPTIONS ]", opts: []*table{&bridgeVLANOptions}, parse: parseVLANModify, typ: unix.RTM_SETLINK, about: helps("let a port carry VLANs")},
	{name: "delete", usage: "vid VID dev DEV [ OPTIONS ]", opts: []*table{&bridgeVLANOptions}, parse: parseVLANModify, typ: unix.RTM_DELLINK, about: helps("no longer let it")},
	{name: "show", usage: "[ dev DEV ] [ vid VID ]", parse: parseVLANShow, about: helps("list VLANs; with -d their settings, with -s their packets")},
	{name: "lst", quiet: true, parse: parseVLANShow},
	{name: "list", quiet: true, parse: parseVLANShow},
	{name: "tunnelshow", usage: "[ dev DEV ] [ vid VID ]", parse: parseVLANTunnelShow, about: helps("list which VLAN is which tunnel")},
	{name: "set", usage: "vid VID dev DEV [ SETTINGS ]", opts: []*table{&vlanSettings}, parse: parseVLANSet, about: helps("change VLANs of a port")},
	{name: "global", exact: true, usage: "{ set vid VID dev DEV [ GLOBALS ] | show [ dev DEV ] [ vid VID ] }", opts: []*table{&vlanGlobals}, parse: parseVLANGlobal, about: helps("VLANs of whole bridges")},
}}

// vlanState is a command that changes VLANs while its words are read.
type vlanState struct {
	request
	dev      string
	hasDev   bool
	vid, end int16 // -1 for none
	ranged   bool
	flags    uint16 // BRIDGE_VLAN_INFO_
	target   uint16 // BRIDGE_FLAGS_
	tunnel   bool
	tunnels  [2]uint32
}

var bridgeVLANOptions = table{name: "bridge vlan", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: vlanDev, about: helps("the port, or the bridge")},
	{name: "vid", exact: true, val: valFunc, arg: "VID[-VID]", parse: vlanVID, about: helps("the VLAN, or the first and last of some")},
	{name: "self", exact: true, val: valFunc, attr: rtnl.BridgeFlagSelf, parse: vlanTarget, about: helps("of the device itself: wanted for a bridge")},
	{name: "master", exact: true, val: valFunc, attr: rtnl.BridgeFlagMaster, parse: vlanTarget, about: helps("of the bridge's port, as without a word")},
	{name: "pvid", exact: true, val: valFunc, attr: rtnl.VLANPvid, parse: vlanFlag, about: helps("packets without a tag are of it")},
	{name: "untagged", exact: true, val: valFunc, attr: rtnl.VLANUntagged, parse: vlanFlag, about: helps("its packets leave without a tag")},
	{name: "tunnel_info", exact: true, val: valFunc, arg: "id TUNNEL_ID[-TUNNEL_ID]", parse: vlanTunnel, about: helps("its tunnel, on a port with vlan_tunnel")},
}}

func vlanDev(a *args, st state, _ *option) {
	s := st.(*vlanState)
	s.dev, s.hasDev = a.next(), true
}

// vlanVID reads a number, or two with a dash between them. What is wrong with
// them is said after all words are read.
func vlanVID(a *args, st state, _ *option) {
	s := st.(*vlanState)
	from, to, ranged := strings.Cut(a.next(), "-")
	s.vid = int16(atoi(from))
	if ranged {
		s.end, s.ranged = int16(atoi(to)), true
	}
}

func vlanTarget(_ *args, st state, o *option) { st.(*vlanState).target |= o.attr }
func vlanFlag(_ *args, st state, o *option)   { st.(*vlanState).flags |= o.attr }

// vlanTunnel reads "id" and a number of 24 bits, or two.
func vlanTunnel(a *args, st state, _ *option) {
	s := st.(*vlanState)
	if w := a.next(); !matches(w, "id") && a.err == nil {
		a.wrong(w, "tunnel id expected")
	}
	from, to, ranged := strings.Cut(a.next(), "-")
	for i, w := range []string{from, to} {
		if i == 1 && !ranged {
			break
		}
		v, ok := parseUint(w, 24)
		if !ok && a.err == nil {
			a.wrong(from, "invalid tun id")
		}
		s.tunnels[i] = uint32(v)
	}
	s.tunnel = true
}

// invalidVID is what iproute2 says of a number that is none.
func (a *args) invalidVID(vid int16) *failure {
	return a.tool.failf("Invalid VLAN ID \"" + itoa(int32(uint16(vid))) + `"`)
}

func (a *args) invalidVIDs(vid, end int16) *failure {
	return a.tool.failf("Invalid VLAN range \"" + itoa(int32(uint16(vid))) + "-" + itoa(int32(uint16(end))) + `"`)
}

const maxVID = 4096 // VLAN_N_VID, linux/if_vlan.h

// vlanWords reads the options of t. Words that it does not know are skipped, as
// iproute2 does.
func (a *args) vlanWords(t *table, s *vlanState) {
	for a.more() {
		if !a.option(t, s, nil) && matches(a.next(), "help") {
			a.next()
		}
	}
	if a.err == nil && (!s.hasDev || s.vid == -1) {
		a.failed("Device and VLAN ID are required arguments.")
	}
}

// parseVLANModify reads add and delete.
func parseVLANModify(a *args) (*plan, error) {
	s := &vlanState{vid: -1, end: -1}
	a.vlanWords(&bridgeVLANOptions, s)
	if a.cmd.typ == unix.RTM_SETLINK {
		rtnl.SetLink(&s.b, rtnl.IfInfomsg{Family: unix.AF_BRIDGE})
	} else {
		rtnl.DelBridgeVLAN(&s.b, 0)
	}
	var late *failure // what is said after the device has been looked up
	switch {
	case s.vid >= maxVID:
		late = a.invalidVID(s.vid)
	case s.ranged && (s.end == -1 || s.end >= maxVID || s.vid >= s.end):
		late = a.invalidVIDs(s.vid, s.end)
	case s.ranged && s.flags&rtnl.VLANPvid != 0:
		late = a.tool.failf("pvid cannot be configured for a vlan range")
	}
	fix := s.devAt(ifiIndex, s.dev, a.noBridge(s.dev))
	if late != nil {
		fix.check = func(*runner, device) error { return late }
	}
	spec := s.b.Nest(rtnl.IFLA_AF_SPEC)
	if s.target != 0 {
		s.b.U16(rtnl.IFLA_BRIDGE_FLAGS, s.target)
	}
	if s.tunnel {
		if s.end != -1 && s.end > s.vid {
			s.putTunnel(s.vid, s.tunnels[0], rtnl.VLANRangeBegin)
			s.putTunnel(s.end, s.tunnels[1], rtnl.VLANRangeEnd)
		} else {
			s.putTunnel(s.vid, s.tunnels[0], 0)
		}
	} else {
		flags := s.flags
		if s.ranged {
			flags |= rtnl.VLANRangeBegin
		}
		s.putVLAN(nl.AttrBytes(rtnl.IFLA_BRIDGE_VLAN_INFO), s.vid, flags)
		if s.end != -1 {
			s.putVLAN(nl.AttrBytes(rtnl.IFLA_BRIDGE_VLAN_INFO), s.end, flags&^rtnl.VLANRangeBegin|rtnl.VLANRangeEnd)
		}
	}
	s.b.End(spec)
	return &plan{[]step{&s.request}}, a.err
}

// putVLAN appends a struct bridge_vlan_info.
func (s *vlanState) putVLAN(at nl.AttrBytes, vid int16, flags uint16) {
	var info [4]byte
	binary.NativeEndian.PutUint16(info[:], flags)
	binary.NativeEndian.PutUint16(info[2:], uint16(vid))
	s.b.Blob(at, info[:])
}

func (s *vlanState) putTunnel(vid int16, id uint32, flags uint16) {
	n := s.b.Nest(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_INFO)
	s.b.U32(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_ID, id)
	s.b.U16(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_VID, uint16(vid))
	s.b.U16(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_FLAGS, flags)
	s.b.End(n)
}

// vlanSettings are the options of a VLAN of a port. The last ones are younger
// than iproute2 6.1.
var vlanSettings = table{name: "bridge vlan", called: "SETTINGS", wrong: "invalid %", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: vlanSetDev, about: helps("the port, or the bridge")},
	{name: "vid", exact: true, val: valFunc, arg: "VID[-VID]", parse: vlanSetVID, about: helps("the VLAN, or the first and last of some")},
	{name: "state", exact: true, val: valFunc, arg: "STP_STATE", parse: vlanSetState, about: helps("of the spanning tree: a word or a number")},
	{name: "mcast_router", exact: true, val: valU8, attr: uint16(rtnl.BRIDGE_VLANDB_ENTRY_MCAST_ROUTER), arg: "MULTICAST_ROUTER", about: helps("0: none here, 1: when one is heard, 2: always, 3: for a while")},
	{name: "mcast_max_groups", exact: true, val: valU32, attr: uint16(rtnl.BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS), arg: "MAX_GROUPS", about: helps("that may be joined here; 0 is no bound")},
	{name: "neigh_suppress", exact: true, val: valFunc, attr: uint16(rtnl.BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS), arg: "{ on | off }", parse: vlanSetOnOff, about: helps("answer ARP and neighbour discovery for those that are known")},
}}

// vlanGlobals are the options of a VLAN of a whole bridge.
var vlanGlobals = table{name: "bridge vlan", called: "GLOBALS", wrong: "invalid %", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: vlanSetDev, about: helps("the bridge")},
	{name: "vid", exact: true, val: valFunc, arg: "VID[-VID]", parse: vlanSetGlobalVID, about: helps("the VLAN, or the first and last of some")},
	{name: "mcast_snooping", exact: true, val: valU8, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING), arg: "MULTICAST_SNOOPING", about: helps("1: send groups to their members only")},
	{name: "mcast_querier", exact: true, val: valU8, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER), arg: "MULTICAST_QUERIER", about: helps("1: ask who is in a group")},
	{name: "mcast_igmp_version", exact: true, val: valU8, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION), arg: "IGMP_VERSION", about: helps("2 or 3")},
	{name: "mcast_mld_version", exact: true, val: valU8, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION), arg: "MLD_VERSION", about: helps("1 or 2")},
	{name: "mcast_last_member_count", exact: true, val: valU32, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT), arg: "LAST_MEMBER_COUNT", about: helps("how often to ask before a group ends")},
	{name: "mcast_startup_query_count", exact: true, val: valU32, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT), arg: "STARTUP_QUERY_COUNT", about: helps("how often to ask at first")},
	{name: "mcast_last_member_interval", exact: true, val: valU64, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL), arg: "LAST_MEMBER_INTERVAL", about: helps("hundredths of a second, as all that follow")},
	{name: "mcast_membership_interval", exact: true, val: valU64, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL), arg: "MEMBERSHIP_INTERVAL", about: helps("after which a member that is not heard of has left")},
	{name: "mcast_querier_interval", exact: true, val: valU64, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL), arg: "QUERIER_INTERVAL", about: helps("after which a querier that is not heard of is gone")},
	{name: "mcast_query_interval", exact: true, val: valU64, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL), arg: "QUERY_INTERVAL", about: helps("between questions")},
	{name: "mcast_query_response_interval", exact: true, val: valU64, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL), arg: "QUERY_RESPONSE_INTERVAL", about: helps("that members have to answer")},
	{name: "mcast_startup_query_interval", exact: true, val: valU64, attr: uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL), arg: "STARTUP_QUERY_INTERVAL", about: helps("between questions at first")},
}}

func vlanSetDev(a *args, st state, _ *option) {
	s := st.(*vlanState)
	s.dev, s.hasDev = a.next(), true
	s.devAt(ifiIndex, s.dev, a.tool.failf(`Cannot find network device "`, s.dev, `"`)) // where br_vlan_msg has its index, too
}

// vids reads a number, or two with a dash between them, that must be good ones.
func (s *vlanState) vids(a *args) {
	from, to, ranged := strings.Cut(a.next(), "-")
	s.vid, s.end = int16(atoi(from)), -1
	if ranged {
		if s.end = int16(atoi(to)); a.err == nil && (s.vid >= s.end || s.end >= maxVID) {
			a.fail(a.invalidVIDs(s.vid, s.end))
		}
	}
	if a.err == nil && s.vid >= maxVID {
		a.fail(a.invalidVID(s.vid))
	}
}

func vlanSetVID(a *args, st state, _ *option) {
	s := st.(*vlanState)
	s.vids(a)
	s.putVLAN(rtnl.BRIDGE_VLANDB_ENTRY_INFO, s.vid, rtnl.VLANOnlyOpts)
	if s.end != -1 {
		s.b.U16(rtnl.BRIDGE_VLANDB_ENTRY_RANGE, uint16(s.end))
	}
}

func vlanSetGlobalVID(a *args, st state, _ *option) {
	s := st.(*vlanState)
	s.vids(a)
	s.b.U16(rtnl.BRIDGE_VLANDB_GOPTS_ID, uint16(s.vid))
	if s.end != -1 {
		s.b.U16(rtnl.BRIDGE_VLANDB_GOPTS_RANGE, uint16(s.end))
	}
}

func vlanSetState(a *args, st state, _ *option) {
	v, ok := stpState(a.next())
	if (!ok || v == -1) && a.err == nil {
		a.failed("Error: invalid STP state")
	}
	st.req().b.U8(rtnl.BRIDGE_VLANDB_ENTRY_STATE, uint8(v))
}

func vlanSetOnOff(a *args, st state, o *option) {
	st.req().b.U8(nl.AttrU8(o.attr), a.mustBeOnOff(o.name))
}

// parseVLANSet reads set.
func parseVLANSet(a *args) (*plan, error) {
	return parseVLANOptions(a, &vlanSettings, rtnl.BRIDGE_VLANDB_ENTRY)
}

// parseVLANOptions reads options into one nest, in the order of the words.
func parseVLANOptions(a *args, t *table, at nl.AttrNestF) (*plan, error) {
	s := &vlanState{vid: -1, end: -1}
	rtnl.NewVLAN(&s.b, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	n := s.b.NestF(at)
	a.vlanWords(t, s)
	s.b.End(n)
	return &plan{[]step{&s.request}}, a.err
}

// parseVLANGlobal reads "global set" and "global show".
func parseVLANGlobal(a *args) (*plan, error) {
	if !a.more() {
		return parseVLANGlobalShow(a)
	}
	switch a.next() {
	case "show", "lst", "list":
		return parseVLANGlobalShow(a)
	case "set":
		return parseVLANOptions(a, &vlanGlobals, rtnl.BRIDGE_VLANDB_GLOBAL_OPTIONS)
	}
	return nil, a.usage()
}
