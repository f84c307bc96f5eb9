package ip

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// bridgeLinkCommands is the object link.
var bridgeLinkCommands = commands{name: "bridge link", none: parseBridgeLinkShow, rows: []command{
	{name: "set", usage: "dev DEV [ OPTIONS ]", opts: []*table{&bridgeLinkOptions}, parse: parseBridgeLinkSet, about: helps("change a port")},
	{name: "change", quiet: true, parse: parseBridgeLinkSet},
	{name: "show", usage: "[ dev DEV ] [ master BRDEV ]", parse: parseBridgeLinkShow, about: helps("list ports; with -d all that is set")},
	{name: "lst", quiet: true, parse: parseBridgeLinkShow},
	{name: "list", quiet: true, parse: parseBridgeLinkShow},
}}

// bridgeLinkState is a "link set" while its words are read. The attributes go
// out in the order of the table, whatever that of the words.
type bridgeLinkState struct {
	request
	dev     string
	hasDev  bool
	backup  string // the port that takes over
	flags   uint16 // BRIDGE_FLAGS_
	mode    uint16
	hasMode bool
	set     [48]bool // by attribute
	val     [48]uint32
}

// bridgeLinkOptions is in the order of the attributes in iproute2's requests;
// how large each is says its row in rtnl's table. The last ones are younger than
// iproute2 6.1.
var bridgeLinkOptions = table{name: "bridge link", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: portDev, about: helps("the port")},
	{name: "guard", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_GUARD), arg: "{ on | off }", parse: portOnOff, about: helps("drop the hellos of bridges")},
	{name: "hairpin", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_MODE), arg: "{ on | off }", parse: portOnOff, about: helps("send packets back where they came from")},
	{name: "fastleave", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), arg: "{ on | off }", parse: portOnOff, about: helps("forget a member of a group at once")},
	{name: "root_block", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_PROTECT), arg: "{ on | off }", parse: portOnOff, about: helps("never become the way to the root")},
	{name: "flood", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_UNICAST_FLOOD), arg: "{ on | off }", parse: portOnOff, about: helps("send packets to unknown addresses here")},
	{name: "mcast_router", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_MULTICAST_ROUTER), arg: "MULTICAST_ROUTER", parse: portByte, about: helps("0: none here, 1: when one is heard, 2: always")},
	{name: "mcast_flood", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_MCAST_FLOOD), arg: "{ on | off }", parse: portOnOff, about: helps("send packets to unknown groups here")},
	{name: "bcast_flood", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_BCAST_FLOOD), arg: "{ on | off }", parse: portOnOff, about: helps("send broadcasts here")},
	{name: "mcast_to_unicast", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_MCAST_TO_UCAST), arg: "{ on | off }", parse: portOnOff, about: helps("send a packet to a group once to each member")},
	{name: "mcast_max_groups", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_MCAST_MAX_GROUPS), arg: "MAX_GROUPS", says: &saying{wrong: "invalid mcast_max_groups"}, parse: portU32, about: helps("that may be joined here; 0 is no bound")},
	{name: "learning", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_LEARNING), arg: "{ on | off }", parse: portOnOff, about: helps("learn addresses here")},
	{name: "learning_sync", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_LEARNING_SYNC), arg: "{ on | off }", parse: portOnOff, about: helps("tell the bridge what the device learnt")},
	{name: "cost", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_COST), arg: "COST", parse: portCost, about: helps("of the way through this port")},
	{name: "priority", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_PRIORITY), arg: "PRIO", parse: portPriority, about: helps("the port with the least is preferred, 0 to 63")},
	{name: "state", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_STATE), arg: "STATE", parse: portState, about: helps("0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking")},
	{name: "neigh_suppress", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_NEIGH_SUPPRESS), arg: "{ on | off }", parse: portOnOff, about: helps("answer ARP and neighbour discovery for those that are known")},
	{name: "neigh_vlan_suppress", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_NEIGH_VLAN_SUPPRESS), arg: "{ on | off }", parse: portOnOff, about: helps("let each VLAN say whether neighbours are answered for")},
	{name: "vlan_tunnel", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_VLAN_TUNNEL), arg: "{ on | off }", parse: portOnOff, about: helps("map VLANs to tunnels")},
	{name: "isolated", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_ISOLATED), arg: "{ on | off }", parse: portOnOff, about: helps("talk to ports that are not isolated only")},
	{name: "locked", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_LOCKED), arg: "{ on | off }", parse: portOnOff, about: helps("only hosts that are known may speak")},
	{name: "mab", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_MAB), arg: "{ on | off }", parse: portOnOff, about: helps("let locked ports learn hosts, as locked ones")},
	{name: "backup_port", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_BACKUP_PORT), arg: "DEVICE", parse: portBackup, about: helps("the port to use when this one is down")},
	{name: "nobackup_port", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_BACKUP_PORT), parse: portBackup, about: helps("none")},
	{name: "backup_nhid", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_BRPORT_BACKUP_NHID), arg: "NHID", says: &saying{wrong: "invalid backup_nhid"}, parse: portU32, about: helps("the nexthop to use for the backup port")},
	{name: "hwmode", exact: true, val: valFunc, arg: "{ vepa | veb }", parse: portHWMode, about: helps("how a device that bridges itself does it")},
	{name: "self", exact: true, val: valFunc, attr: rtnl.BridgeFlagSelf, parse: portTarget, about: helps("the device's own settings")},
	{name: "master", exact: true, val: valFunc, attr: rtnl.BridgeFlagMaster, parse: portTarget, about: helps("those of the bridge's port, as without a word")},
}}

func portDev(a *args, st state, _ *option) {
	s := st.(*bridgeLinkState)
	s.dev, s.hasDev = a.next(), true
}

// put notes an attribute, or, with send false, that it is not sent.
func (s *bridgeLinkState) put(o *option, v uint32, send bool) {
	s.set[o.attr], s.val[o.attr] = send, v
}

func portOnOff(a *args, st state, o *option) {
	st.(*bridgeLinkState).put(o, uint32(a.mustBeOnOff(o.name)), true)
}

// portByte reads what iproute2 keeps in a signed byte: what is negative there is
// not sent.
func portByte(a *args, st state, o *option) {
	v := int8(atoi(a.next()))
	st.(*bridgeLinkState).put(o, uint32(v), v >= 0)
}

func portU32(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if !ok && a.err == nil {
		a.wrong(w, o.wrong())
	}
	st.(*bridgeLinkState).put(o, uint32(v), true)
}

func portCost(a *args, st state, o *option) {
	v := atoi(a.next())
	st.(*bridgeLinkState).put(o, uint32(v), v != 0)
}

func portPriority(a *args, st state, o *option) {
	v := int16(atoi(a.next()))
	st.(*bridgeLinkState).put(o, uint32(v), v >= 0)
}

func portState(a *args, st state, o *option) {
	v, ok := stpState(a.next())
	if !ok && a.err == nil {
		a.failed("Error: invalid STP port state")
	}
	st.(*bridgeLinkState).put(o, uint32(v), int8(v) >= 0)
}

// stpState reads the number or name of a port's state.
func stpState(w string) (v int32, ok bool) {
	if _, _, _, rest := scanInt(w, 10); w != "" && rest == "" {
		return atoi(w), true
	}
	n, ok := rtnl.BridgePortStates.Value(w)
	return int32(n), ok
}

func portBackup(a *args, st state, o *option) {
	s := st.(*bridgeLinkState)
	s.backup = ""
	if o.arg != "" {
		s.backup = a.next()
	}
	s.put(o, 0, true)
}

func portHWMode(a *args, st state, _ *option) {
	s := st.(*bridgeLinkState)
	w := a.next()
	s.flags = rtnl.BridgeFlagSelf
	s.mode, s.hasMode = uint16(bit(w == "vepa")), true
	if w != "vepa" && w != "veb" && a.err == nil {
		a.failed(`Mode argument must be "vepa" or "veb".`)
	}
}

func portTarget(_ *args, st state, o *option) { st.(*bridgeLinkState).flags |= o.attr }

// parseBridgeLinkSet reads set.
func parseBridgeLinkSet(a *args) (*plan, error) {
	s := &bridgeLinkState{}
	for a.more() {
		if !a.option(&bridgeLinkOptions, s, nil) {
			a.fail(a.usage())
		}
	}
	if a.err == nil && !s.hasDev {
		a.failed("Device is a required argument.")
	}
	rtnl.SetLink(&s.b, rtnl.IfInfomsg{Family: unix.AF_BRIDGE})
	info := rtnl.ProtInfo(&s.b)
	for i := range bridgeLinkOptions.rows {
		at := bridgeLinkOptions.rows[i].attr
		f := rtnl.BridgePortAttrs.Field(at)
		if bridgeLinkOptions.rows[i].parse == nil || f == nil || !s.set[at] {
			continue
		}
		s.set[at] = false
		switch f.Kind {
		case nl.KindU8:
			s.b.U8(nl.AttrU8(at), uint8(s.val[at]))
		case nl.KindU16:
			s.b.U16(nl.AttrU16(at), uint16(s.val[at]))
		case nl.KindIndex:
			if s.backup != "" {
				s.request.dev(nl.AttrU32(at), s.backup, a.tool.failf("Error: device ", s.backup, " does not exist"))
				continue
			}
			fallthrough
		default:
			s.b.U32(nl.AttrU32(at), s.val[at])
		}
	}
	s.b.End(info)
	if s.flags != 0 || s.hasMode {
		n := s.b.Nest(rtnl.IFLA_AF_SPEC)
		if s.flags != 0 {
			s.b.U16(rtnl.IFLA_BRIDGE_FLAGS, s.flags)
		}
		if s.hasMode {
			s.b.U16(rtnl.IFLA_BRIDGE_MODE, s.mode)
		}
		s.b.End(n)
	}
	s.devAt(ifiIndex, s.dev, a.noBridge(s.dev))
	return &plan{[]step{&s.request}}, a.err
}

// bridgeLinkShow is the step that lists ports.
type bridgeLinkShow struct {
	dev, master       string
	hasDev, hasMaster bool
	missing           [2]*failure
}

// parseBridgeLinkShow reads show. Words that it does not know it skips, as
// iproute2 does.
func parseBridgeLinkShow(a *args) (*plan, error) {
	s := &bridgeLinkShow{}
	for a.more() {
		switch a.next() {
		case "dev":
			w := a.next()
			if s.hasDev {
				a.twice("dev", w)
			}
			s.dev, s.hasDev = w, true
			s.missing[0] = a.noDev(w)
		case "master": // since iproute2 6.9
			s.master, s.hasMaster = a.next(), true
			s.missing[1] = a.noDev(s.master)
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *bridgeLinkShow) run(r *runner) (err error) {
	p := r.bridgePrinter()
	if p.index, err = r.find(s.dev, s.hasDev, s.missing[0]); err != nil {
		return err
	}
	if p.master, err = r.find(s.master, s.hasMaster, s.missing[1]); err != nil {
		return err
	}
	if p.index == 0 {
		if err := r.rememberAll(); err != nil {
			return err
		}
	}
	p.open()
	err = p.listLinks(0, func(l rtnl.Link) error {
		p.port(&l, unix.RTM_NEWLINK)
		return nil
	})
	if err == nil {
		p.close()
	}
	return err
}

// bridgeLinkFields are a port's settings as they are listed; the first three
// always.
var bridgeLinkFields = [...]field{
	{uint16(rtnl.IFLA_BRPORT_STATE), "state", "state ", showSTPState},
	{uint16(rtnl.IFLA_BRPORT_PRIORITY), "priority", "priority ", showUint},
	{uint16(rtnl.IFLA_BRPORT_COST), "cost", "cost ", showUint},
	{uint16(rtnl.IFLA_BRPORT_MODE), "hairpin", "hairpin ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_GUARD), "guard", "guard ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_PROTECT), "root_block", "root_block ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_FAST_LEAVE), "fastleave", "fastleave ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_LEARNING), "learning", "learning ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_LEARNING_SYNC), "learning_sync", "learning_sync ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_UNICAST_FLOOD), "flood", "flood ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_MCAST_FLOOD), "mcast_flood", "mcast_flood ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_BCAST_FLOOD), "bcast_flood", "bcast_flood ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_MULTICAST_ROUTER), "mcast_router", "mcast_router ", showUint},
	{uint16(rtnl.IFLA_BRPORT_MCAST_TO_UCAST), "mcast_to_unicast", "mcast_to_unicast ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_NEIGH_SUPPRESS), "neigh_suppress", "neigh_suppress ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_VLAN_TUNNEL), "vlan_tunnel", "vlan_tunnel ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_BACKUP_PORT), "backup_port", "backup_port ", showDev},
	{uint16(rtnl.IFLA_BRPORT_ISOLATED), "isolated", "isolated ", showOnOff},
	{uint16(rtnl.IFLA_BRPORT_LOCKED), "locked", "locked ", showOnOff},
}

func showSTPState(l *linkPrinter, f *field, v nl.Attr) {
	n, ok := number(v)
	if !ok {
		return
	}
	if s := rtnl.BridgePortStates.Name(uint32(n)); s != "" {
		l.Str(f.key, f.text, s, " ")
	} else {
		l.Uint(f.key, f.text+"(", n, ") ")
	}
}

// hwModes are BRIDGE_MODE_.
var hwModes = [...]string{"VEB", "VEPA"}

// port writes one link as bridge sees it.
func (p *bridgePrinter) port(l *rtnl.Link, typ uint16) {
	if l.Family != unix.AF_BRIDGE && l.Family != unix.AF_UNSPEC || p.index != 0 && p.index != l.Index {
		return
	}
	l.Attrs.Index(p.tb[:])
	master, hasMaster := p.u32(rtnl.IFLA_MASTER)
	if p.master != 0 && p.master != int32(master) {
		return
	}
	p.banner("[LINK]")
	p.Obj("")
	if typ == unix.RTM_DELLINK {
		p.Flag("deleted", "Deleted ")
	}
	p.Int("ifindex", "", int64(l.Index), ": ")
	down := p.name(l, 0)
	p.flags(l.Flags, down)
	if v, ok := p.u32(rtnl.IFLA_MTU); ok {
		p.Int("mtu", "mtu ", int64(v), " ")
	}
	if hasMaster {
		p.Str("master", "master ", p.r.name(int32(master)), " ")
	}
	if a := p.at(uint16(rtnl.IFLA_PROTINFO)); a.Nested() {
		as := a.Attrs()
		p.fields(bridgeLinkFields[:3], as)
		if p.g.details > 0 {
			p.T(p.eol, "    ")
			p.fields(bridgeLinkFields[3:], as)
		}
	} else if a.Present() {
		showSTPState(&p.linkPrinter, &bridgeLinkFields[0], a)
	}
	if v, ok := p.at(uint16(rtnl.IFLA_AF_SPEC)).Attrs().U16(rtnl.IFLA_BRIDGE_MODE); ok {
		if int(v) < len(hwModes) {
			p.Str("hwmode", "hwmode ", hwModes[v], " ")
		} else {
			p.Hex("hwmode", "hwmode ", uint64(v), " ")
		}
	}
	p.End()
	p.EndObj()
}
