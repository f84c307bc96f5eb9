package ip

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// fdbCommands is the object fdb.
var fdbCommands = commands{name: "bridge fdb", none: parseFDBShow, rows: []command{
	{name: "add", usage: "[ to ] LLADDR dev DEV [ OPTIONS ]", opts: []*table{&fdbOptions}, parse: parseFDBModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("make an entry")},
	{name: "append", usage: "[ to ] LLADDR dev DEV [ OPTIONS ]", opts: []*table{&fdbOptions}, parse: parseFDBModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_CREATE | unix.NLM_F_APPEND, about: helps("a further destination, of a vxlan link's entry")},
	{name: "replace", usage: "[ to ] LLADDR dev DEV [ OPTIONS ]", opts: []*table{&fdbOptions}, parse: parseFDBModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("make an entry, or change it")},
	{name: "delete", usage: "[ to ] LLADDR dev DEV [ OPTIONS ]", opts: []*table{&fdbOptions}, parse: parseFDBModify, typ: unix.RTM_DELNEIGH, about: helps("take an entry away")},
	{name: "get", usage: "[ to ] LLADDR [ br BRDEV ] { brport | dev } DEV [ vlan VID ] [ vni VNI ] [ self ] [ master ] [ dynamic ]", parse: parseFDBGet, about: helps("ask for one entry")},
	{name: "show", usage: "[ br BRDEV ] [ brport DEV ] [ vlan VID ] [ state STATE ] [ dynamic ]", parse: parseFDBShow, about: helps("list entries; with -s when each was used and changed, in seconds")},
	{name: "lst", quiet: true, parse: parseFDBShow},
	{name: "list", quiet: true, parse: parseFDBShow},
	{name: "flush", exact: true, usage: "dev DEV [ SELECTOR ]...", opts: []*table{&fdbSelectors}, parse: parseFDBFlush, about: helps("take all entries of a bridge away, or some")},
}}

// fdbState is an "fdb add" and the like while its words are read.
type fdbState struct {
	request
	head    rtnl.NdMsg
	dev     string
	hasDev  bool
	to      string
	hasTo   bool
	dst     prefix
	hasDst  bool
	vlan    int16 // -1 for none
	port    uint16
	vni     uint32 // noVNI for none
	srcVNI  uint32
	via     string
	hasVia  bool
	nhid    uint32
	br      string // of "fdb get"
	hasBr   bool
	dynamic bool
}

const noVNI = 1<<32 - 1

// fdbOptions is in iproute2's order.
var fdbOptions = table{name: "fdb", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: fdbDev, about: helps("the port, or the vxlan link")},
	{name: "dst", exact: true, val: valFunc, arg: "IPADDR", parse: fdbDst, about: helps("where a vxlan link sends to")},
	{name: "nhid", exact: true, val: valFunc, arg: "NHID", parse: fdbNHID, about: helps("the group of nexthops that it sends to")},
	{name: "port", exact: true, val: valFunc, arg: "PORT", parse: fdbPort, about: helps("its UDP port there")},
	{name: "vni", exact: true, val: valFunc, arg: "VNI", says: &saying{wrong: "invalid VNI\n"}, parse: fdbVNI, about: helps("the network identifier there")},
	{name: "src_vni", exact: true, val: valFunc, arg: "VNI", says: &saying{wrong: "invalid src VNI\n"}, parse: fdbVNI, about: helps("the one that packets must have, of a link that takes many")},
	{name: "via", exact: true, val: valFunc, arg: "DEV", parse: fdbVia, about: helps("the link that it sends through")},
	{name: "self", exact: true, val: valFunc, attr: unix.NTF_SELF, parse: fdbFlag, about: helps("an entry of the device itself, as without a word")},
	{name: "master", val: valFunc, attr: unix.NTF_MASTER, parse: fdbFlag, about: helps("an entry of the bridge that it is a port of")},
	{name: "router", val: valFunc, attr: unix.NTF_ROUTER, parse: fdbFlag, about: helps("the address is a router's")},
	{name: "local", val: valFunc, attr: unix.NUD_PERMANENT, parse: fdbNUD, about: helps("the address is the bridge's own, as without a word")},
	{name: "permanent", val: valFunc, attr: unix.NUD_PERMANENT, parse: fdbNUD, about: helps("the same")},
	{name: "temp", val: valFunc, attr: unix.NUD_REACHABLE, parse: fdbNUD, about: helps("the entry never ages")},
	{name: "static", val: valFunc, attr: unix.NUD_REACHABLE, parse: fdbNUD, about: helps("the same")},
	{name: "dynamic", val: valFunc, attr: unix.NUD_REACHABLE, parse: fdbNUD, about: helps("the entry ages")},
	{name: "vlan", val: valFunc, arg: "VID", parse: fdbVLAN, about: helps("the VLAN that it is of")},
	{name: "use", val: valFunc, attr: unix.NTF_USE, parse: fdbFlag, about: helps("it is in use, for aging")},
	{name: "extern_learn", val: valFunc, attr: unix.NTF_EXT_LEARNED, parse: fdbFlag, about: helps("something outside of the kernel learnt it")},
	{name: "sticky", val: valFunc, attr: ntfSticky, parse: fdbFlag, about: helps("it never moves to another port")},
}}

func fdbDev(a *args, st state, _ *option) {
	s := st.(*fdbState)
	s.dev, s.hasDev = a.next(), true
}

func fdbDst(a *args, st state, _ *option) {
	s := st.(*fdbState)
	if s.hasDst {
		a.garbage("dst", a.next())
		return
	}
	s.dst, s.hasDst = a.addr(a.g.family), true
}

func fdbNHID(a *args, st state, _ *option) {
	w := a.next()
	v, ok := parseUint(w, 32)
	if !ok && a.err == nil {
		a.wrong(w, "\"id\" value is invalid\n")
	}
	st.(*fdbState).nhid = uint32(v)
}

// fdbPort reads a number or the name of a service.
func fdbPort(a *args, st state, _ *option) {
	w := a.next()
	v, rest := strtoul(w)
	if rest != "" {
		n, ok := udpPort(w)
		if v = uint64(n); !ok {
			v = 1 << 16
		}
	}
	if v > 0xffff && a.err == nil {
		a.wrong(w, "invalid port\n")
	}
	st.(*fdbState).port = uint16(v)
}

func fdbVNI(a *args, st state, o *option) {
	s := st.(*fdbState)
	v := a.vni(o.wrong())
	if o.name == "vni" {
		s.vni = v
	} else {
		s.srcVNI = v
	}
}

// vni reads a virtual network identifier: 24 bits.
func (a *args) vni(wrong string) uint32 {
	w := a.next()
	v, rest := strtoul(w)
	if (rest != "" || v>>24 != 0) && a.err == nil {
		a.wrong(w, wrong)
	}
	return uint32(v)
}

func fdbVia(a *args, st state, _ *option) {
	s := st.(*fdbState)
	s.via, s.hasVia = a.next(), true
}

func fdbFlag(_ *args, st state, o *option) { st.(*fdbState).head.Flags |= uint8(o.attr) }

// fdbNUD takes one of the words for how long an entry stays.
func fdbNUD(_ *args, st state, o *option) {
	s := st.(*fdbState)
	s.head.State |= o.attr
	if o.name == "dynamic" {
		s.head.State &^= unix.NUD_NOARP
	}
}

func fdbVLAN(a *args, st state, o *option) {
	s := st.(*fdbState)
	if s.vlan >= 0 {
		a.garbage("vlan", "vlan")
		return
	}
	s.vlan = int16(atoi(a.next()))
}

// address takes what is no keyword: the entry's address, with or without "to".
func (s *fdbState) address(a *args) {
	a.take("to")
	w := a.next()
	switch {
	case a.err != nil:
	case matches(w, "help"):
		a.fail(a.usage())
	case s.hasTo:
		a.garbage("to", w)
	default:
		s.to, s.hasTo = w, true
	}
}

// mac is the address as bytes.
func (s *fdbState) mac(a *args) []byte {
	m, ok := scanMAC(s.to)
	if !ok && a.err == nil {
		a.failed("Invalid mac address ", s.to)
	}
	return m[:]
}

// parseFDBModify reads add, append, replace and delete.
func parseFDBModify(a *args) (*plan, error) {
	s := &fdbState{head: rtnl.NdMsg{Family: unix.AF_BRIDGE, State: unix.NUD_NOARP}, vlan: -1, vni: noVNI, srcVNI: noVNI}
	for a.more() {
		if !a.option(&fdbOptions, s, nil) {
			s.address(a)
		}
	}
	if a.err == nil {
		switch {
		case !s.hasDev || !s.hasTo:
			a.failed("Device and address are required arguments.")
		case s.nhid != 0 && (s.hasDst || s.port != 0 || s.vni != noVNI):
			a.failed("dst, port, vni are mutually exclusive with nhid")
		}
	}
	if s.head.Flags&(unix.NTF_SELF|unix.NTF_MASTER) == 0 {
		s.head.Flags |= unix.NTF_SELF
	}
	if s.head.State&(unix.NUD_PERMANENT|unix.NUD_REACHABLE) == 0 {
		s.head.State |= unix.NUD_PERMANENT
	}
	if a.cmd.typ == unix.RTM_NEWNEIGH {
		rtnl.NewNeigh(&s.b, a.cmd.flags, s.head)
	} else {
		rtnl.DelNeigh(&s.b, s.head)
	}
	s.b.MAC(rtnl.NDA_LLADDR, s.mac(a))
	if s.hasDst {
		s.putIP(rtnl.NDA_DST, &s.dst)
	}
	if s.vlan >= 0 {
		s.b.U16(rtnl.NDA_VLAN, uint16(s.vlan))
	}
	if s.nhid != 0 {
		s.b.U32(rtnl.NDA_NH_ID, s.nhid)
	}
	if s.port != 0 {
		s.b.BE16(rtnl.NDA_PORT, s.port)
	}
	if s.vni != noVNI {
		s.b.U32(rtnl.NDA_VNI, s.vni)
	}
	if s.srcVNI != noVNI {
		s.b.U32(rtnl.NDA_SRC_VNI, s.srcVNI)
	}
	if s.hasVia {
		f := a.noDev(s.via)
		f.goesOn = false
		s.request.dev(rtnl.NDA_IFINDEX, s.via, f)
	}
	s.devAt(ifiIndex, s.dev, a.noDev(s.dev)) // ndm_ifindex stands where ifi_index does
	return &plan{[]step{&s.request}}, a.err
}

// fdbGet is the step that asks for one entry and shows it.
type fdbGet struct {
	request
	dynamic bool
}

// parseFDBGet reads get.
func parseFDBGet(a *args) (*plan, error) {
	s := &fdbState{head: rtnl.NdMsg{Family: unix.AF_BRIDGE}, vlan: -1, vni: noVNI}
	for a.more() {
		switch w := a.peek(); {
		case w == "brport" || w == "dev":
			a.next()
			s.dev, s.hasDev = a.next(), true
		case w == "br":
			a.next()
			s.br, s.hasBr = a.next(), true
		case w == "vni":
			a.next()
			s.vni = a.vni("invalid VNI\n")
		case w == "self":
			a.next()
			s.head.Flags |= unix.NTF_SELF
		case matches(w, "master"):
			a.next()
			s.head.Flags |= unix.NTF_MASTER
		case matches(w, "vlan"):
			a.next()
			fdbVLAN(a, s, nil)
		case matches(w, "dynamic"):
			a.next()
			s.dynamic = true
		default:
			s.address(a)
		}
	}
	if a.err == nil && (!s.hasDev && !s.hasBr || !s.hasTo) {
		a.failed("Device or master and address are required arguments.")
	}
	q := &fdbGet{dynamic: s.dynamic}
	rtnl.GetNeigh(&q.b, s.head)
	q.b.MAC(rtnl.NDA_LLADDR, s.mac(a))
	if s.vlan >= 0 {
		q.b.U16(rtnl.NDA_VLAN, uint16(s.vlan))
	}
	if s.vni != noVNI {
		q.b.U32(rtnl.NDA_VNI, s.vni)
	}
	if s.hasDev {
		q.devAt(ifiIndex, s.dev, a.noDev(s.dev))
	}
	if s.hasBr {
		q.dev(rtnl.NDA_MASTER, s.br, a.noBridge(s.br))
	}
	return &plan{[]step{q}}, a.err
}

func (q *fdbGet) run(r *runner) error {
	if err := q.resolve(r); err != nil {
		return err
	}
	p := r.bridgePrinter()
	p.dynamic = q.dynamic
	var bad error
	err := r.do(&q.request, func(m nl.Message) {
		p.open()
		bad = p.fdb(m)
		p.close()
	})
	var k *nl.Error
	if errors.As(err, &k) {
		return r.refused(k, 254, "")
	}
	if err == nil {
		err = bad
	}
	return err
}

// fdbShow is the step that lists entries.
type fdbShow struct {
	dev, br         string
	hasDev, hasBr   bool
	noDev, noBridge *failure
	vlan, state     uint32
	dynamic         bool
}

// fdbStates are the words for states, in iproute2's order.
var fdbStates = [...]numberName{{unix.NUD_PERMANENT, "permanent"}, {unix.NUD_NOARP, "static"}, {unix.NUD_NOARP, "temp"},
	{unix.NUD_STALE, "stale"}, {unix.NUD_REACHABLE, "reachable"}, {unix.NUD_REACHABLE, "dynamic"}}

// parseFDBState reads one of them, "all", or a number.
func parseFDBState(w string) (uint32, bool) {
	for i := range fdbStates {
		if matches(w, fdbStates[i].name) {
			return fdbStates[i].num, true
		}
	}
	if w == "all" {
		return 1<<32 - 1, true
	}
	v, ok := parseUint(w, 32)
	return uint32(v), ok
}

// parseFDBShow reads show. Words that it does not know it skips, as iproute2
// does.
func parseFDBShow(a *args) (*plan, error) {
	s := &fdbShow{}
	for a.more() {
		switch w := a.next(); {
		case w == "brport" || w == "dev":
			s.dev, s.hasDev = a.next(), true
			s.noDev = a.noDev(s.dev)
		case w == "br":
			s.br, s.hasBr = a.next(), true
			s.noBridge = a.noBridge(s.br)
		case w == "vlan":
			w = a.next()
			if s.vlan != 0 {
				a.twice("vlan", w)
			}
			s.vlan = uint32(atoi(w))
		case w == "state":
			w = a.next()
			v, ok := parseFDBState(w)
			if !ok && a.err == nil {
				a.wrong(w, "invalid state")
			}
			s.state |= v
		case w == "dynamic":
			s.dynamic = true
		case matches(w, "help"):
			a.fail(a.usage())
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *fdbShow) run(r *runner) (err error) {
	p := r.bridgePrinter()
	p.vlan, p.state, p.dynamic = s.vlan, s.state, s.dynamic
	br, err := r.find(s.br, s.hasBr, s.noBridge)
	if err != nil {
		return err
	}
	if p.index, err = r.find(s.dev, s.hasDev, s.noDev); err != nil {
		return err
	}
	if p.index == 0 {
		if err := r.rememberAll(); err != nil {
			return err
		}
	}
	var b nl.Builder
	rtnl.GetNeigh(&b, rtnl.NdMsg{Family: unix.AF_BRIDGE, Index: p.index})
	if br != 0 {
		b.U32(rtnl.NDA_MASTER, uint32(br))
	}
	p.open()
	if err = p.list(&b, p.fdb); err == nil {
		p.close()
	}
	return err
}

// fdbFlags are in the order in which they are listed.
var fdbFlags = [...]struct {
	bit  uint8
	name string
}{{unix.NTF_SELF, "self"}, {unix.NTF_ROUTER, "router"}, {unix.NTF_EXT_LEARNED, "extern_learn"}, {unix.NTF_OFFLOADED, "offload"},
	{unix.NTF_MASTER, "master"}, {ntfSticky, "sticky"}}

const ntfSticky = 1 << 6 // NTF_STICKY, linux/neighbour.h

// fdb writes one entry.
func (p *bridgePrinter) fdb(m nl.Message) error {
	n, err := rtnl.ParseNeigh(m)
	if err != nil {
		return err
	}
	var tb [20]nl.Attr
	n.Attrs.Index(tb[:])
	vid, _ := tb[rtnl.NDA_VLAN].U16()
	switch {
	case n.Family != unix.AF_BRIDGE,
		p.index != 0 && p.index != n.Index,
		p.state != 0 && uint32(n.State)&p.state == 0,
		p.vlan != 0 && p.vlan != uint32(vid),
		p.dynamic && n.State&unix.NUD_PERMANENT != 0:
		return nil
	}
	p.banner("[NEIGH]")
	p.Obj("")
	if m.Type() == unix.RTM_DELNEIGH {
		p.Flag("deleted", "Deleted ")
	}
	if a := tb[rtnl.NDA_LLADDR]; a.Present() {
		p.in(colMAC).Str("mac", "", string(cli.AppendMAC(nil, a.Bytes())), " ")
	}
	if p.index == 0 && n.Index != 0 {
		p.T("dev ")
		p.in(colIfname).Str("ifname", "", p.r.name(n.Index), " ")
	}
	if a := tb[rtnl.NDA_DST]; a.Present() {
		c := colInet
		if len(a.Bytes()) == 16 {
			c = colInet6
		}
		p.T("dst ")
		p.in(c).Str("dst", "", string(cli.AppendIP(nil, a.Bytes())), " ")
	}
	if vid != 0 {
		p.Uint("vlan", "vlan ", uint64(vid), " ")
	}
	if v, ok := tb[rtnl.NDA_PORT].BE16(); ok {
		p.Uint("port", "port ", uint64(v), " ")
	}
	for _, f := range [...]struct {
		attr nl.AttrU32
		name string
	}{{rtnl.NDA_VNI, "vni"}, {rtnl.NDA_SRC_VNI, "src_vni"}} {
		if v, ok := tb[f.attr].U32(); ok {
			p.Uint(f.name, f.name+" ", uint64(v), " ")
		}
	}
	nsid, elsewhere := tb[rtnl.NDA_LINK_NETNSID].U32()
	if v, ok := tb[rtnl.NDA_IFINDEX].U32(); ok {
		if elsewhere {
			p.Uint("viaIfIndex", "via ifindex ", uint64(v), " ")
		} else {
			p.Str("viaIf", "via ", p.r.name(int32(v)), " ")
		}
	}
	if v, ok := tb[rtnl.NDA_NH_ID].U32(); ok {
		p.Uint("nhid", "nhid ", uint64(v), " ")
	}
	if elsewhere {
		if p.json {
			p.JUint("linkNetNsId", uint64(nsid))
		} else {
			p.Int("", "link-netnsid ", int64(int32(nsid)), " ")
		}
	}
	if ci, ok := n.Times(); ok && p.g.stats > 0 {
		p.Uint("used", "used ", uint64(ci.Used/userHz), "/")
		p.Uint("updated", "", uint64(ci.Updated/userHz), " ")
	}
	p.Arr("flags", "")
	for i := range fdbFlags {
		if n.Flags&fdbFlags[i].bit != 0 {
			p.Str("", "", fdbFlags[i].name, " ")
		}
	}
	p.EndArr("")
	if v, ok := tb[rtnl.NDA_MASTER].U32(); ok {
		p.Str("master", "master ", p.r.name(int32(v)), " ")
	}
	p.Str("state", "", fdbStateName(n.State, p.json), "\n")
	p.EndObj()
	return nil
}

func fdbStateName(s uint16, json bool) string {
	switch {
	case s&unix.NUD_PERMANENT != 0:
		return "permanent"
	case s&unix.NUD_NOARP != 0:
		return "static"
	case s&unix.NUD_STALE != 0:
		return "stale"
	case s&unix.NUD_REACHABLE != 0:
		return ""
	}
	x := "0"
	if s != 0 {
		x = "0x" + strconv.FormatUint(uint64(s), 16)
	}
	if json {
		return x
	}
	return "state=" + x
}

// flushState is an "fdb flush" while its words are read.
type flushState struct {
	request
	head            rtnl.NdMsg
	stateMask       uint16
	flagsMask       uint8
	dev, port       string
	hasDev, hasPort bool
	vlan            int16
}

// fdbSelectors say which entries are flushed.
var fdbSelectors = table{name: "fdb", called: "SELECTOR", rows: []option{
	{name: "dev", exact: true, val: valFunc, arg: "DEV", parse: flushDev, about: helps("the bridge, or the vxlan link")},
	{name: "master", exact: true, val: valFunc, attr: unix.NTF_MASTER, parse: flushTarget, about: helps("what the bridge holds that the device is a port of")},
	{name: "self", exact: true, val: valFunc, attr: unix.NTF_SELF, parse: flushTarget, about: helps("what the device holds, as without a word")},
	{name: "permanent", exact: true, val: valFunc, parse: flushNUD, about: helps("the bridge's own addresses")},
	{name: "nopermanent", exact: true, val: valFunc, parse: flushNUD},
	{name: "static", exact: true, val: valFunc, parse: flushNUD, about: helps("entries that never age")},
	{name: "nostatic", exact: true, val: valFunc, parse: flushNUD},
	{name: "dynamic", exact: true, val: valFunc, parse: flushNUD, about: helps("entries that age")},
	{name: "nodynamic", exact: true, val: valFunc, parse: flushNUD},
	{name: "added_by_user", exact: true, val: valFunc, attr: unix.NTF_USE, parse: flushFlag, about: helps("entries that were not learnt")},
	{name: "noadded_by_user", exact: true, val: valFunc, attr: unix.NTF_USE, parse: flushFlag},
	{name: "extern_learn", exact: true, val: valFunc, attr: unix.NTF_EXT_LEARNED, parse: flushFlag, about: helps("entries learnt outside of the kernel")},
	{name: "noextern_learn", exact: true, val: valFunc, attr: unix.NTF_EXT_LEARNED, parse: flushFlag},
	{name: "sticky", exact: true, val: valFunc, attr: ntfSticky, parse: flushFlag, about: helps("entries that never move")},
	{name: "nosticky", exact: true, val: valFunc, attr: ntfSticky, parse: flushFlag},
	{name: "offloaded", exact: true, val: valFunc, attr: unix.NTF_OFFLOADED, parse: flushFlag, about: helps("entries that the hardware has, too")},
	{name: "nooffloaded", exact: true, val: valFunc, attr: unix.NTF_OFFLOADED, parse: flushFlag},
	{name: "brport", exact: true, val: valFunc, arg: "DEV", parse: flushPort, about: helps("entries of one port")},
	{name: "vlan", exact: true, val: valFunc, arg: "VID", parse: flushVLAN, about: helps("entries of one VLAN")},
}}

func flushDev(a *args, st state, _ *option) {
	s := st.(*flushState)
	s.dev, s.hasDev = a.next(), true
}

func flushTarget(_ *args, st state, o *option) { st.(*flushState).head.Flags |= uint8(o.attr) }

// flushFlag takes a flag that entries must have, or, with "no" before it, must
// not have.
func flushFlag(_ *args, st state, o *option) {
	s := st.(*flushState)
	bit := uint8(o.attr)
	s.flagsMask |= bit
	s.head.Flags |= bit
	if strings.HasPrefix(o.name, "no") {
		s.head.Flags &^= bit
	}
}

// flushNUD takes a word for how long entries stay: a static one is one that
// does not age, a permanent one is the bridge's own.
func flushNUD(_ *args, st state, o *option) {
	s := st.(*flushState)
	switch o.name {
	case "permanent":
		s.head.State |= unix.NUD_PERMANENT
		s.stateMask |= unix.NUD_PERMANENT
	case "nopermanent":
		s.head.State &^= unix.NUD_PERMANENT
		s.stateMask |= unix.NUD_PERMANENT
	case "static":
		s.head.State |= unix.NUD_NOARP
		s.stateMask |= unix.NUD_NOARP | unix.NUD_PERMANENT
	case "nostatic":
		s.head.State &^= unix.NUD_NOARP
		s.stateMask |= unix.NUD_NOARP
	case "dynamic":
		s.head.State &^= unix.NUD_NOARP
		s.stateMask |= unix.NUD_NOARP | unix.NUD_PERMANENT
	case "nodynamic":
		s.head.State |= unix.NUD_NOARP
		s.stateMask |= unix.NUD_NOARP
	}
}

func flushPort(a *args, st state, _ *option) {
	s := st.(*flushState)
	if s.hasPort {
		a.garbage("brport", "brport")
	}
	s.port, s.hasPort = a.next(), true
}

func flushVLAN(a *args, st state, _ *option) {
	s := st.(*flushState)
	if s.vlan >= 0 {
		a.garbage("vlan", "vlan")
	}
	s.vlan = int16(atoi(a.next()))
}

// parseFDBFlush reads flush. Words that it does not know it skips, as iproute2
// does.
func parseFDBFlush(a *args) (*plan, error) {
	s := &flushState{head: rtnl.NdMsg{Family: unix.AF_BRIDGE}, vlan: -1}
	for a.more() {
		if !a.option(&fdbSelectors, s, nil) && a.next() == "help" {
			a.next()
		}
	}
	if a.err == nil && !s.hasDev {
		a.failed("Device is a required argument.")
	}
	if s.head.Flags&(unix.NTF_SELF|unix.NTF_MASTER) == 0 {
		s.head.Flags |= unix.NTF_SELF
	}
	rtnl.FlushNeigh(&s.b, s.head)
	dev := s.devAt(ifiIndex, s.dev, a.noBridge(s.dev))
	var late *failure
	if s.vlan >= 4096 {
		late = a.tool.failf("Invalid VLAN ID \"" + itoa(int32(s.vlan)) + `"`)
	}
	if s.hasPort {
		dev = s.request.dev(rtnl.NDA_IFINDEX, s.port, a.tool.failf(`Cannot find bridge port device "`, s.port, `"`))
	}
	if late != nil {
		dev.check = func(*runner, device) error { return late }
	}
	if s.vlan >= 0 {
		s.b.U16(rtnl.NDA_VLAN, uint16(s.vlan))
	}
	if s.flagsMask != 0 {
		s.b.U8(rtnl.NDA_NDM_FLAGS_MASK, s.flagsMask)
	}
	if s.stateMask != 0 {
		s.b.U16(rtnl.NDA_NDM_STATE_MASK, s.stateMask)
	}
	return &plan{[]step{&s.request}}, a.err
}
