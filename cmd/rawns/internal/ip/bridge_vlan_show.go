package ip

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// vlanShow is the step that lists VLANs.
type vlanShow struct {
	dev     string
	hasDev  bool
	missing *failure
	vid     uint32
	what    vlanList
}

// A vlanList is what is listed of VLANs.
type vlanList uint8

const (
	vlansOfPorts vlanList = iota
	vlanTunnels
	vlanGlobal
)

func parseVLANShow(a *args) (*plan, error)       { return parseVLANs(a, vlansOfPorts) }
func parseVLANTunnelShow(a *args) (*plan, error) { return parseVLANs(a, vlanTunnels) }
func parseVLANGlobalShow(a *args) (*plan, error) { return parseVLANs(a, vlanGlobal) }

// parseVLANs reads which VLANs are listed. Words that it does not know it skips,
// as iproute2 does.
func parseVLANs(a *args, what vlanList) (*plan, error) {
	s := &vlanShow{what: what}
	for a.more() {
		switch a.next() {
		case "dev":
			w := a.next()
			if s.hasDev {
				a.twice("dev", w)
			}
			s.dev, s.hasDev = w, true
			s.missing = a.noDev(w)
		case "vid":
			w := a.next()
			if s.vid != 0 {
				a.twice("vid", w)
			}
			s.vid = uint32(atoi(w))
		}
	}
	return &plan{[]step{s}}, a.err
}

// Widths of the columns.
const (
	vlanPortWidth = unix.IFNAMSIZ
	vlanIDWidth   = 9 // of "4094-4095"
)

func (s *vlanShow) run(r *runner) (err error) {
	p := r.bridgePrinter()
	p.vlan = s.vid
	if p.index, err = r.find(s.dev, s.hasDev, s.missing); err != nil {
		return err
	}
	v := &vlanPrinter{bridgePrinter: p, open: -1}
	p.open()
	if !p.json {
		p.o.Left("port", vlanPortWidth).S("  ")
		if s.what != vlanGlobal && p.g.stats > 0 && (p.g.details == 0 || s.what == vlanTunnels) {
			p.o.S("vlan-id")
		} else {
			p.o.Left("vlan-id", vlanIDWidth)
			if s.what == vlanTunnels {
				p.o.S("  tunnel-id")
			}
		}
		p.o.NL()
	}
	switch {
	case s.what == vlanGlobal:
		err = v.listDB(rtnl.VLANDumpGlobal, true)
	case s.what == vlansOfPorts && p.g.details > 0:
		flags := uint32(0)
		if p.g.stats > 0 {
			flags = rtnl.VLANDumpStats
		}
		err = v.listDB(flags, false)
	case p.g.stats == 0:
		mask := uint32(rtnl.ExtBridgeVLAN)
		if p.g.ranges {
			mask = rtnl.ExtBridgeVLANRanges
		}
		err = p.listLinks(mask, func(l rtnl.Link) error {
			if l.Family != unix.AF_BRIDGE || p.index != 0 && p.index != l.Index {
				return nil
			}
			if s.what == vlanTunnels {
				v.tunnels(&l)
			} else {
				v.vlans(&l)
			}
			return nil
		})
	default:
		for _, at := range vlanXstats {
			var b nl.Builder
			rtnl.GetStats(&b, rtnl.IfStatsMsg{Mask: rtnl.StatsFilter(uint16(at))})
			if err = p.list(&b, v.stats); err != nil {
				break
			}
		}
	}
	if err == nil {
		p.close()
	}
	return err
}

// A vlanPrinter writes VLANs: below the interface's name, each on a line or
// more.
type vlanPrinter struct {
	*bridgePrinter
	open int32 // the interface whose list is not ended yet, -1 if there is none
}

// begin writes a port's name, and the first of its entries follows; or, for a
// further one, blanks.
func (v *vlanPrinter) begin(index int32, key string) {
	if v.open == index {
		v.blanks(2)
		return
	}
	v.open = index
	v.Obj("")
	name := v.r.name(index)
	v.in(colIfname).Str("ifname", "", name, strings.Repeat(" ", max(vlanPortWidth-len(name), 0)+2))
	v.Arr(key, "")
}

// end ends a port's entries.
func (v *vlanPrinter) end() {
	if v.open != -1 {
		v.EndArr("")
		v.EndObj()
		v.open = -1
	}
}

// blanks stand under a port's name, and n more.
func (v *vlanPrinter) blanks(n int) {
	if !v.json {
		v.o.Left("", vlanPortWidth+n)
	}
}

// numbers writes one number, or the first and last of some, and returns how many
// columns that took.
func (v *vlanPrinter) numbers(key string, first, last uint32) int {
	at := len(v.o.B)
	v.Uint(key, "", uint64(first), "")
	if first != last {
		v.Uint(key+"End", "-", uint64(last), "")
	}
	return len(v.o.B) - at
}

// wanted tells whether a VLAN of a port is listed: 0 for no, -1 for no, nor any
// behind it. What begins a range is not; what ends it speaks for both.
func (v *vlanPrinter) wanted(vid, flags uint16) int {
	switch {
	case v.vlan != 0 && uint32(vid) > v.vlan && flags&rtnl.VLANRangeEnd == 0:
		return -1
	case flags&rtnl.VLANRangeBegin != 0, uint32(vid) < v.vlan:
		return 0
	}
	return 1
}

// vlans writes the VLANs of a port.
func (v *vlanPrinter) vlans(l *rtnl.Link) {
	first := uint16(0)
	for a := range l.Attrs.Nest(rtnl.IFLA_AF_SPEC).All() {
		b := a.Bytes()
		if a.Type() != uint16(rtnl.IFLA_BRIDGE_VLAN_INFO) || len(b) < 4 {
			continue
		}
		flags, vid := binary.NativeEndian.Uint16(b), binary.NativeEndian.Uint16(b[2:])
		if flags&rtnl.VLANRangeEnd == 0 {
			first = vid
		}
		w := v.wanted(vid, flags)
		if w < 0 {
			break
		}
		if w == 0 {
			continue
		}
		v.begin(l.Index, "vlans")
		v.Obj("")
		v.numbers("vlan", uint32(first), uint32(vid))
		v.vlanFlags(flags)
		v.EndObj()
		v.NL()
	}
	v.end()
}

func (v *vlanPrinter) vlanFlags(flags uint16) {
	if flags == 0 {
		return
	}
	v.Arr("flags", "")
	if flags&rtnl.VLANPvid != 0 {
		v.Str("", " ", "PVID", "")
	}
	if flags&rtnl.VLANUntagged != 0 {
		v.Str("", " ", "Egress Untagged", "")
	}
	v.EndArr("")
}

// tunnels writes which VLAN of a port is which tunnel.
func (v *vlanPrinter) tunnels(l *rtnl.Link) {
	var firstVID uint16
	var firstID uint32
	for a := range l.Attrs.Nest(rtnl.IFLA_AF_SPEC).All() {
		if a.Type() != uint16(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_INFO) {
			continue
		}
		as := a.Attrs()
		vid, ok := as.U16(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_VID)
		if !ok {
			continue
		}
		id, _ := as.U32(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_ID)
		flags, _ := as.U16(rtnl.IFLA_BRIDGE_VLAN_TUNNEL_FLAGS)
		if flags&rtnl.VLANRangeEnd == 0 {
			firstVID, firstID = vid, id
		}
		w := v.wanted(vid, flags)
		if w < 0 {
			break
		}
		if w == 0 {
			continue
		}
		v.begin(l.Index, "tunnels")
		v.Obj("")
		n := v.numbers("vlan", uint32(firstVID), uint32(vid))
		if !v.json {
			v.o.Left("", vlanIDWidth-n+2)
		}
		v.numbers("tunid", firstID, id)
		v.EndObj()
		v.NL()
	}
	v.end()
}

// vlanXstats are where the counters of bridges' VLANs are, and of ports'.
var vlanXstats = [...]nl.AttrNest{rtnl.IFLA_STATS_LINK_XSTATS, rtnl.IFLA_STATS_LINK_XSTATS_SLAVE}

// stats writes the counters of a bridge's or port's VLANs.
func (v *vlanPrinter) stats(m nl.Message) error {
	h, as, err := rtnl.ParseStats(m)
	if err != nil || v.index != 0 && v.index != h.Index {
		return err
	}
	for _, at := range vlanXstats {
		for a := range as.Nest(at).Nest(rtnl.LINK_XSTATS_TYPE_BRIDGE).All() {
			s, ok := rtnl.ParseVLANXstats(a.Bytes())
			if a.Type() != uint16(rtnl.BRIDGE_XSTATS_VLAN) || !ok || v.vlan != 0 && v.vlan != uint32(s.VID) ||
				s.Flags&rtnl.VLANMaster != 0 && s.Flags&rtnl.VLANBrentry == 0 { // of ports, which tell themselves
				continue
			}
			v.begin(h.Index, "vlans")
			v.Obj("")
			v.Uint("vid", "", uint64(s.VID), "")
			v.vlanFlags(s.Flags)
			v.NL()
			v.counters(&s)
			v.EndObj()
		}
		v.end()
	}
	return nil
}

func (v *vlanPrinter) counters(s *rtnl.VLANXstats) {
	v.blanks(4)
	v.Uint("rx_bytes", "RX: ", s.RxBytes, " bytes")
	v.Uint("rx_packets", " ", s.RxPackets, " packets\n")
	v.blanks(4)
	v.Uint("tx_bytes", "TX: ", s.TxBytes, " bytes")
	v.Uint("tx_packets", " ", s.TxPackets, " packets\n")
}

// listDB asks for RTM_GETVLAN's list.
func (v *vlanPrinter) listDB(flags uint32, global bool) error {
	var b nl.Builder
	rtnl.GetVLAN(&b, rtnl.PortMsg{Family: unix.AF_BRIDGE})
	b.U32(rtnl.BRIDGE_VLANDB_DUMP_FLAGS, flags)
	err := v.list(&b, func(m nl.Message) error { return v.db(m, global) })
	if err == nil {
		v.end()
	}
	return err
}

// db writes what one message says of VLANs; with global, only of whole bridges.
func (v *vlanPrinter) db(m nl.Message, global bool) error {
	h, err := rtnl.ParsePort(m, unix.RTM_NEWVLAN)
	if err != nil || h.Family != unix.AF_BRIDGE || v.index != 0 && v.index != h.Index {
		return err
	}
	v.banner("[VLAN]")
	if m.Type() == unix.RTM_DELVLAN {
		v.Flag("deleted", "Deleted ")
	}
	if v.monitor {
		v.open = -1
	}
	if v.open != h.Index {
		v.end()
	}
	for a := range h.Attrs.All() {
		switch {
		case a.Type() == uint16(rtnl.BRIDGE_VLANDB_ENTRY) && !global:
			v.entry(h.Index, a.Attrs())
		case a.Type() == uint16(rtnl.BRIDGE_VLANDB_GLOBAL_OPTIONS):
			v.globals(h.Index, a.Attrs())
		}
	}
	return nil
}

// entry writes a VLAN of a port, or some that are alike.
func (v *vlanPrinter) entry(index int32, as nl.Attrs) {
	info, _ := as.Blob(rtnl.BRIDGE_VLANDB_ENTRY_INFO)
	if len(info) < 4 {
		return
	}
	flags, vid := binary.NativeEndian.Uint16(info), binary.NativeEndian.Uint16(info[2:])
	last, ok := as.U16(rtnl.BRIDGE_VLANDB_ENTRY_RANGE)
	if !ok {
		last = vid
	}
	if v.vlan != 0 && (v.vlan < uint32(vid) || v.vlan > uint32(last)) {
		return
	}
	v.begin(index, "vlans")
	v.Obj("")
	v.numbers("vlan", uint32(vid), uint32(last))
	v.vlanFlags(flags)
	v.NL()
	v.blanks(4)
	state, _ := as.U8(rtnl.BRIDGE_VLANDB_ENTRY_STATE)
	if s := rtnl.BridgePortStates.Name(uint32(state)); s != "" {
		v.Str("state", "state ", s, " ")
	} else {
		v.Uint("state", "state (", uint64(state), ") ")
	}
	if n, ok := as.U8(rtnl.BRIDGE_VLANDB_ENTRY_MCAST_ROUTER); ok {
		v.Uint("mcast_router", "mcast_router ", uint64(n), " ")
	}
	v.NL()
	if v.g.stats > 0 {
		st := as.Nest(rtnl.BRIDGE_VLANDB_ENTRY_STATS)
		var s rtnl.VLANXstats
		s.RxBytes, _ = st.U64(rtnl.BRIDGE_VLANDB_STATS_RX_BYTES)
		s.RxPackets, _ = st.U64(rtnl.BRIDGE_VLANDB_STATS_RX_PACKETS)
		s.TxBytes, _ = st.U64(rtnl.BRIDGE_VLANDB_STATS_TX_BYTES)
		s.TxPackets, _ = st.U64(rtnl.BRIDGE_VLANDB_STATS_TX_PACKETS)
		v.counters(&s)
	}
	v.EndObj()
}

// vlanGlobalFields are in the order in which they are listed.
var vlanGlobalFields = [...]field{
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING), "mcast_snooping", "mcast_snooping ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER), "mcast_querier", "mcast_querier ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION), "mcast_igmp_version", "mcast_igmp_version ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION), "mcast_mld_version", "mcast_mld_version ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT), "mcast_last_member_count", "mcast_last_member_count ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL), "mcast_last_member_interval", "mcast_last_member_interval ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT), "mcast_startup_query_count", "mcast_startup_query_count ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL), "mcast_startup_query_interval", "mcast_startup_query_interval ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL), "mcast_membership_interval", "mcast_membership_interval ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL), "mcast_querier_interval", "mcast_querier_interval ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL), "mcast_query_interval", "mcast_query_interval ", showUint},
	{uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL), "mcast_query_response_interval", "mcast_query_response_interval ", showUint},
}

// globals writes a VLAN of a whole bridge, or some that are alike.
func (v *vlanPrinter) globals(index int32, as nl.Attrs) {
	vid, _ := as.U16(rtnl.BRIDGE_VLANDB_GOPTS_ID)
	last, ok := as.U16(rtnl.BRIDGE_VLANDB_GOPTS_RANGE)
	if !ok {
		last = vid
	}
	if v.vlan != 0 && (v.vlan < uint32(vid) || v.vlan > uint32(last)) {
		return
	}
	v.begin(index, "vlans")
	v.Obj("")
	v.numbers("vlan", uint32(vid), uint32(last))
	v.NL()
	v.blanks(4)
	v.fields(vlanGlobalFields[:], as)
	v.NL()
	if ports, ok := as.Get(uint16(rtnl.BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS)); ok {
		v.routerPorts(ports.Attrs().Nest(rtnl.MDBA_ROUTER))
	}
	v.EndObj()
}

// routerPorts writes the ports behind which multicast routers are.
func (v *vlanPrinter) routerPorts(as nl.Attrs) {
	const before = "router ports: "
	v.blanks(4)
	v.Arr("router_ports", before)
	first := true
	for a := range as.All() {
		port, more, ok := rtnl.ParseRouterPort(a.Bytes())
		if !ok {
			continue
		}
		v.Obj("")
		if v.g.stats > 0 && !first {
			v.NL()
			v.blanks(4 + len(before))
		}
		first = false
		v.Str("port", "", v.r.name(port), " ")
		if v.g.stats > 0 {
			v.routerPortStats(more)
		}
		v.EndObj()
	}
	v.EndArr("")
	v.NL()
}
