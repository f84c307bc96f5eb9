package ip

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// linkState is what "ip link add" and its like have said so far about one
// link: the one that the message is about, or the peer inside it.
type linkState struct {
	*request
	header    int // where its ifinfomsg stands
	create    bool
	peer      bool
	name      string // what it is, or shall be, called
	dev       string // which one is meant
	hasName   bool
	hasDev    bool // dev was given, and not only taken from name
	link      string
	hasLink   bool
	kind      string
	hasKind   bool
	k         *kind // the kind's row, if it has one
	all       bool  // a whole group is meant: "group G" without a device
	moves     bool  // to another namespace
	grouped   bool
	nsid      bool
	index     int32
	addrLen   int // bytes of the address that it gets, -1 for none
	vf        vfWords
	vfAddrLen int // the same for the last virtual function
	flags     uint32
	change    uint32
	used      seen
	warn      string   // what is said before the request is sent
	refused   *failure // what is said instead, once devices are found

	// What options of the kind say together: boolean ones that share an
	// attribute, and which of them were given.
	boolValue, boolMask uint32

	tunnel *tunnelWords                       // a tunnel's options
	macsec *macsecWords                       // a MACsec link's channel
	can    *canWords                          // a CAN link's timing
	later  func(r *runner, index int32) error // appends options of the kind that depend on those that the link has
}

// Offsets in struct ifinfomsg, and of ifi_index in a message.
const (
	ifmIndex  = 4
	ifmFlags  = 8
	ifmChange = 12
	ifmSize   = 16
	ifiIndex  = nl.HeaderLen + ifmIndex
)

// parse reads options up to the end or "type KIND".
func (s *linkState) parse(a *args) {
	s.addrLen, s.vfAddrLen = -1, -1
	for a.more() && !s.hasKind {
		if !a.option(&linkOptions, s, &s.used) {
			s.parseDev(a)
		}
	}
	if a.err == nil {
		s.finish(a)
	}
}

// parseDev reads what is no option: the device, with or without "dev".
func (s *linkState) parseDev(a *args) {
	w := a.next()
	if matches(w, "help") {
		a.fail(a.usage())
		return
	}
	if w == "dev" {
		w = a.next()
	}
	if a.err != nil {
		return
	}
	if s.hasDev {
		a.garbage("dev", w)
	} else if !validName(w) {
		a.wrong(w, `"dev" not a valid ifname`)
	}
	s.dev, s.hasDev = w, true
}

// finish appends what is known only when all options are: which link, and its
// new name.
func (s *linkState) finish(a *args) {
	name, dev := s.name, s.dev
	hasName, hasDev := s.hasName, s.hasDev
	if !hasName {
		name, hasName = dev, hasDev
	} else if !hasDev {
		dev, hasDev = name, true
	}
	switch {
	case !s.create && s.index != 0 && !s.moves:
		a.failf(exitUsage, "index can be used only when creating devices or when moving device to another netns.")
		return
	case s.grouped && !hasDev && a.more():
		a.failf(exitUsage, `Garbage instead of arguments "`, a.next(), ` ...". Try "ip link help".`)
		return
	case s.grouped && !hasDev && s.create:
		a.failf(exitUsage, "group cannot be used when creating devices.")
		return
	case s.grouped && !hasDev:
		s.all, s.hasKind = true, false
		s.putHeader(0)
		return
	case !s.create && !hasDev:
		a.failf(exitUsage, `Not enough information: "dev" argument is required.`)
		return
	case s.create && hasName && name != dev:
		a.failf(exitUsage, `both "name" and "dev" cannot be used when creating devices.`)
		return
	}
	if s.create {
		if s.hasLink {
			s.request.dev(rtnl.IFLA_LINK, s.link, nil)
		}
		s.putHeader(s.index)
	} else {
		f := s.devAt(s.header+ifmIndex, dev, nil)
		if s.addrLen >= 0 || s.vfAddrLen >= 0 {
			f.check = func(_ *runner, d device) error {
				for _, n := range [...]int{s.vfAddrLen, s.addrLen} {
					if n < 0 || d.addrLen < 0 || d.addrLen == n {
						continue
					}
					return failf(exitMissing, "Invalid address length "+itoa(int32(n))+" - must be "+itoa(int32(d.addrLen))+" bytes")
				}
				return nil
			}
		}
		if s.moves && s.index != 0 {
			s.b.S32(rtnl.IFLA_NEW_IFINDEX, s.index)
		}
		s.putHeader(0)
		hasName = hasName && name != dev // renaming to the same name is none
	}
	if hasName {
		s.b.Str(rtnl.IFLA_IFNAME, name)
	}
}

func (s *linkState) putHeader(index int32) {
	s.b.PutU32(s.header+ifmIndex, uint32(index))
	s.b.PutU32(s.header+ifmFlags, s.flags)
	s.b.PutU32(s.header+ifmChange, s.change)
}

// linkOptions is in iproute2's order: the first keyword that a word is the
// beginning of is meant.
var linkOptions = table{name: "link", wrong: "Invalid \"%\" value\n", code: int(unix.EINVAL), rows: []option{
	{name: "up", exact: true, val: valFunc, parse: linkUp, about: helps("let it send and receive")},
	{name: "down", exact: true, val: valFunc, parse: linkUp, about: helps("stop it")},
	{name: "name", exact: true, val: valFunc, arg: "NAME", parse: linkName, about: helps("what it is called, up to 15 bytes")},
	{name: "index", exact: true, val: valFunc, arg: "IDX", says: &saying{wrong: `Invalid "%" value`}, parse: linkIndex, about: helps("the number it gets")},
	{name: "link", val: valFunc, arg: "DEV", parse: linkLink, about: helps("the link that it hangs on, of a VLAN for example")},
	{name: "address", val: valFunc, attr: uint16(rtnl.IFLA_ADDRESS), arg: "LLADDR", parse: linkAddress, about: helps("its link-layer address")},
	{name: "broadcast", val: valMAC, attr: uint16(rtnl.IFLA_BROADCAST), arg: "LLADDR", about: helps("everybody's link-layer address on it")},
	{name: "brd", exact: true, val: valMAC, attr: uint16(rtnl.IFLA_BROADCAST), arg: "LLADDR", about: helps("the same")},
	{name: "txqueuelen", val: valInt, attr: uint16(rtnl.IFLA_TXQLEN), once: true, arg: "PACKETS", about: helps("packets that may wait to be sent")},
	{name: "qlen", exact: true, val: valInt, attr: uint16(rtnl.IFLA_TXQLEN), once: true, arg: "PACKETS", about: helps("the same")},
	{name: "txqlen", val: valInt, attr: uint16(rtnl.IFLA_TXQLEN), once: true, arg: "PACKETS", about: helps("the same")},
	{name: "mtu", exact: true, val: valInt, attr: uint16(rtnl.IFLA_MTU), once: true, arg: "MTU", about: helps("bytes in its largest packet")},
	{name: "xdpgeneric", exact: true, val: valFunc, attr: xdpSKB, arg: "off", parse: linkXDP, about: helps("take the program off that runs in the network stack")},
	{name: "xdpdrv", exact: true, val: valFunc, attr: xdpDrv, arg: "off", parse: linkXDP, about: helps("take the driver's program off")},
	{name: "xdpoffload", exact: true, val: valFunc, attr: xdpHW, arg: "off", parse: linkXDP, about: helps("take the hardware's program off")},
	{name: "xdp", exact: true, val: valFunc, arg: "off", parse: linkXDP, about: helps("take the program off that sees its packets first")},
	{name: "netns", exact: true, val: valFunc, once: true, arg: "{ PID | NAME | PATH }", parse: linkNetns, about: helps("move it to another namespace")},
	{name: "multicast", exact: true, val: valFunc, attr: unix.IFF_MULTICAST, arg: "{ on | off }", parse: linkFlag, about: helps("groups can be reached by it")},
	{name: "allmulticast", exact: true, val: valFunc, attr: unix.IFF_ALLMULTI, arg: "{ on | off }", parse: linkFlag, about: helps("receive the packets of all groups")},
	{name: "promisc", exact: true, val: valFunc, attr: unix.IFF_PROMISC, arg: "{ on | off }", parse: linkFlag, about: helps("receive the packets of all others")},
	{name: "trailers", exact: true, val: valFunc, attr: unix.IFF_NOTRAILERS, arg: "{ on | off }", parse: linkNoFlag, about: helps("a historical flag")},
	{name: "arp", exact: true, val: valFunc, attr: unix.IFF_NOARP, arg: "{ on | off }", parse: linkNoFlag, about: helps("ask for link-layer addresses")},
	{name: "carrier", exact: true, val: valOnOff, attr: uint16(rtnl.IFLA_CARRIER), arg: "{ on | off }", about: helps("tell that there is, or is not, a signal")},
	{name: "vf", exact: true, val: valFunc, arg: "NUM ...", says: &saying{wrong: "Invalid \"vf\" value\n"}, parse: linkVF, about: helps("a virtual function of its hardware")},
	{name: "master", val: valDev, attr: uint16(rtnl.IFLA_MASTER), arg: "DEVICE", about: helps("make it a port of a bridge, bond or VRF")},
	{name: "vrf", exact: true, val: valFunc, arg: "NAME", parse: linkVRF, about: helps("make it a port of a VRF")},
	{name: "nomaster", val: valFunc, parse: linkNoMaster, about: helps("take it out again")},
	{name: "dynamic", val: valFunc, attr: unix.IFF_DYNAMIC, arg: "{ on | off }", parse: linkFlag, about: helps("its address goes when it goes down")},
	{name: "type", val: valFunc, arg: "TYPE [ ARGS ]", parse: linkType, about: helps("what kind of link it is; ARGS are the options of the kind")},
	{name: "alias", val: valFunc, arg: "NAME", parse: linkAlias, about: helps("a description")},
	{name: "group", exact: true, val: valFunc, once: true, arg: "GROUP", parse: linkGroup, about: helps("put it into a group")},
	{name: "mode", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_LINKMODE), arg: "{ default | dormant }", says: &saying{wrong: "Invalid link mode\n"}, parse: linkMode, about: helps("dormant: wait for the carrier's user, such as 802.1X")},
	{name: "state", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_OPERSTATE), arg: "STATE", says: &saying{wrong: "Invalid operstate\n"}, parse: linkOperState, about: helps("the operational state to show")},
	{name: "numtxqueues", val: valInt, attr: uint16(rtnl.IFLA_NUM_TX_QUEUES), once: true, arg: "QUEUE_COUNT", about: helps("queues for sending")},
	{name: "numrxqueues", val: valInt, attr: uint16(rtnl.IFLA_NUM_RX_QUEUES), once: true, arg: "QUEUE_COUNT", about: helps("queues for receiving")},
	{name: "addrgenmode", val: valFunc, arg: "{ eui64 | none | stable_secret | random }", says: &saying{wrong: "Invalid address generation mode\n"}, parse: linkAddrGenMode, about: helps("how its IPv6 link-local address is made")},
	{name: "link-netns", val: valFunc, arg: "NAME", parse: linkLinkNetns, about: helps("the namespace of the link that it hangs on")},
	{name: "link-netnsid", val: valFunc, arg: "ID", parse: linkLinkNetnsid, about: helps("the same, by its number here")},
	{name: "protodown", exact: true, val: valOnOff, attr: uint16(rtnl.IFLA_PROTO_DOWN), arg: "{ on | off }", about: helps("hold it down on behalf of a protocol")},
	{name: "protodown_reason", exact: true, val: valFunc, arg: "PREASON { on | off }", says: &saying{wrong: "invalid protodown reason\n"}, parse: linkProtoDownReason, about: helps("a reason for protodown")},
	{name: "gso_max_size", exact: true, val: valU32, attr: uint16(rtnl.IFLA_GSO_MAX_SIZE), arg: "BYTES", about: helps("bytes of a packet that is cut up only when sent")},
	{name: "gso_max_segs", exact: true, val: valFunc, attr: uint16(rtnl.IFLA_GSO_MAX_SEGS), arg: "PACKETS", parse: linkGSOMaxSegs, about: helps("pieces of such a packet")},
	{name: "gro_max_size", exact: true, val: valU32, attr: uint16(rtnl.IFLA_GRO_MAX_SIZE), arg: "BYTES", about: helps("bytes of a packet joined when received")},
	{name: "parentdev", exact: true, val: valStr, attr: uint16(rtnl.IFLA_PARENT_DEV_NAME), arg: "NAME", about: helps("the device that makes it, for some kinds")},
}}

func linkUp(_ *args, st state, o *option) {
	s := st.(*linkState)
	s.setFlag(unix.IFF_UP, o.name == "up")
}

func (s *linkState) setFlag(flag uint32, on bool) {
	s.change |= flag
	s.flags &^= flag
	if on {
		s.flags |= flag
	}
}

// linkFlag reads "on" or "off" for the IFF_ bit in o.attr.
func linkFlag(a *args, st state, o *option) {
	if on, ok := a.onOff(o.name, a.next()); ok {
		st.(*linkState).setFlag(uint32(o.attr), on)
	}
}

// linkNoFlag is linkFlag for a bit that says no.
func linkNoFlag(a *args, st state, o *option) {
	if on, ok := a.onOff(o.name, a.next()); ok {
		st.(*linkState).setFlag(uint32(o.attr), !on)
	}
}

func linkName(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	switch {
	case a.err != nil:
	case s.hasName:
		a.twice("name", w)
	case !validIfName(w):
		a.wrong(w, `"name" not a valid ifname`)
	}
	s.name, s.hasName = w, true
}

func linkIndex(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	n, ok := parseInt(w)
	switch {
	case a.err != nil:
	case s.index != 0:
		a.twice("index", w)
	case !ok || n <= 0:
		a.bad(o, w)
	}
	s.index = n
}

func linkLink(a *args, st state, _ *option) {
	s := st.(*linkState)
	s.link, s.hasLink = a.next(), true
}

func linkAddress(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	if a.err != nil {
		return
	}
	m := a.lladdr(w)
	s.addrLen = len(m)
	s.b.MAC(rtnl.IFLA_ADDRESS, m)
}

// XDP_FLAGS_, linux/if_link.h.
const (
	xdpIfNoExist = 1 << 0
	xdpSKB       = 1 << 1
	xdpDrv       = 1 << 2
	xdpHW        = 1 << 3
)

// linkXDP takes a program off. To load one would need BPF.
func linkXDP(a *args, st state, o *option) {
	s := st.(*linkState)
	w := a.next()
	if a.err != nil {
		return
	}
	switch {
	case w == "off", matches(w, "none"):
	case matches(w, "object"), matches(w, "pinned"), matches(w, "fd"):
		a.failf(exitMissing, `"xdp `, w, `" is not implemented: programs can only be taken off`)
		return
	default:
		a.failf(exitUsage, `What mode is "`, w, `"?`)
		return
	}
	n := s.b.Nest(rtnl.IFLA_XDP)
	s.b.S32(rtnl.IFLA_XDP_FD, -1)
	s.b.U32(rtnl.IFLA_XDP_FLAGS, xdpIfNoExist|uint32(o.attr))
	s.b.End(n)
}

func linkNetns(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	s.moves = true
	s.netns(w, failf(exitUsage, `Error: argument "`, w, "\" is wrong: Invalid \"netns\" value\n"))
}

func linkVRF(a *args, st state, _ *option) {
	w := a.next()
	missing := notVRF(w)
	st.req().dev(rtnl.IFLA_MASTER, w, missing).check = func(r *runner, d device) error {
		if r.isVRF(d.index) {
			return nil
		}
		return missing
	}
}

func notVRF(w string) *failure {
	return failf(exitUsage, `Error: argument "`, w, "\" is wrong: Not a valid VRF name\n")
}

func linkNoMaster(_ *args, st state, _ *option) { st.req().b.U32(rtnl.IFLA_MASTER, 0) }

func linkType(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	if s.peer && a.err == nil {
		// What follows, or the kind itself, is the second value in iproute2's words.
		if a.more() {
			w = a.next()
		}
		a.twice("type", w)
	}
	s.kind, s.hasKind = w, true
}

const maxAlias = 256 // IFALIASZ, linux/if.h

func linkAlias(a *args, st state, _ *option) {
	w := a.next()
	if len(w) >= maxAlias {
		a.wrong(w, "alias too long\n")
	}
	// Without a NUL, as iproute2 sends it; the kernel takes both.
	st.req().b.StrN(nl.AttrStrN(rtnl.IFLA_IFALIAS), w)
}

func linkGroup(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	if a.err != nil {
		return
	}
	g, ok := groups.value(w)
	if !ok {
		a.bad(o, w)
	}
	s.grouped = true
	s.b.U32(rtnl.IFLA_GROUP, g)
}

func linkMode(a *args, st state, o *option) { linkWord(a, st, o, &rtnl.LinkModes, 1) }

func linkOperState(a *args, st state, o *option) { linkWord(a, st, o, &rtnl.OperStates, 6) }

// linkWord reads one of the words for 0 to last, in any case, into an
// attribute of one byte.
func linkWord(a *args, st state, o *option, words *nl.Names, last uint32) {
	w := a.next()
	v, ok := words.Value(strings.ToUpper(w))
	if a.err == nil && (!ok || v > last) {
		a.bad(o, w)
	}
	st.req().b.U8(nl.AttrU8(o.attr), uint8(v))
}

func linkAddrGenMode(a *args, st state, o *option) {
	w := a.next()
	v, ok := rtnl.AddrGenModes.Value(strings.ToLower(w))
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	b := &st.req().b
	af := b.Nest(rtnl.IFLA_AF_SPEC)
	inet6 := b.Nest(rtnl.IFLA_AF_INET6)
	b.U8(rtnl.IFLA_INET6_ADDR_GEN_MODE, uint8(v))
	b.End(inet6)
	b.End(af)
}

func linkLinkNetns(a *args, st state, _ *option) {
	s, w := st.(*linkState), a.next()
	if a.err == nil && s.nsid {
		a.twice("link-netns/link-netnsid", w)
	}
	s.nsid = true
	s.b.S32(rtnl.IFLA_LINK_NETNSID, 0)
	s.fix = append(s.fix, fixup{at: s.b.Size() - 4, kind: fixNSID, name: w,
		missing: failf(exitUsage, `Error: argument "`, w, "\" is wrong: Invalid \"link-netns\" value\n")})
}

func linkLinkNetnsid(a *args, st state, o *option) {
	s, w := st.(*linkState), a.next()
	if a.err == nil && s.nsid {
		a.twice("link-netns/link-netnsid", w)
	}
	n, ok := parseInt(w)
	if a.err == nil && !ok {
		a.bad(o, w)
	}
	s.nsid = true
	s.b.S32(rtnl.IFLA_LINK_NETNSID, n)
}

func linkProtoDownReason(a *args, st state, o *option) {
	w := a.next()
	bit, ok := protoDownReasons.value(w)
	if a.err == nil && (!ok || bit > 31) {
		a.bad(o, w)
	}
	mask, value := uint32(1)<<(bit&31), uint32(0)
	switch on := a.next(); {
	case matches(on, "on"):
		value = mask
	case matches(on, "off"):
	default:
		a.onOff(o.name, on)
	}
	b := &st.req().b
	n := b.NestF(rtnl.IFLA_PROTO_DOWN_REASON)
	b.U32(rtnl.IFLA_PROTO_DOWN_REASON_MASK, mask)
	b.U32(rtnl.IFLA_PROTO_DOWN_REASON_VALUE, value)
	b.End(n)
}

const gsoMaxSegs = 65535 // GSO_MAX_SEGS, linux/netdevice.h

func linkGSOMaxSegs(a *args, st state, o *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if a.err == nil && (!ok || v > gsoMaxSegs) {
		a.bad(o, w)
	}
	st.req().b.U32(rtnl.IFLA_GSO_MAX_SEGS, uint32(v))
}

// linkWhere says which types of link have options of their own.
func linkWhere(o *cli.Out) {
	o.S("\nTYPE := {")
	for i := 0; kindAt(i) != nil; i++ {
		o.S(" ", kindAt(i).name, " |")
	}
	o.S(" any other, without ARGS }")
}
