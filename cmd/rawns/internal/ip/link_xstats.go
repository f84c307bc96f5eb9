//go:build !tiny

package ip

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// "ip link xstats" and "ip link afstats": counters that only some kinds of
// links have, and those of MPLS.

// An xstatsKind is a kind of link, or of its ports, with counters of its own.
type xstatsKind struct {
	name  string
	attr  nl.AttrNest // of RTM_NEWSTATS
	sets  []xstatsSet
	usage string
	show  func(p *linkPrinter, as nl.Attrs, only uint16)
}

// An xstatsSet is a word that chooses one of a kind's attributes.
type xstatsSet struct {
	word string
	attr uint16
}

var (
	bridgeSets = []xstatsSet{{"igmp", uint16(rtnl.BRIDGE_XSTATS_MCAST)}, {"mcast", uint16(rtnl.BRIDGE_XSTATS_MCAST)}, {"stp", uint16(rtnl.BRIDGE_XSTATS_STP)}}
	bondSets   = []xstatsSet{{"lacp", uint16(rtnl.BOND_XSTATS_3AD)}, {"802.3ad", uint16(rtnl.BOND_XSTATS_3AD)}}
)

var xstatsKinds = [...]xstatsKind{
	{"bridge", rtnl.IFLA_STATS_LINK_XSTATS, bridgeSets, "[ igmp ] [ dev DEVICE ]", showBridgeXStats},
	{"bridge_slave", rtnl.IFLA_STATS_LINK_XSTATS_SLAVE, bridgeSets, "[ igmp ] [ dev DEVICE ]", showBridgeXStats},
	{"bond", rtnl.IFLA_STATS_LINK_XSTATS, bondSets, "[ 802.3ad ] [ dev DEVICE ]", showBondXStats},
	{"bond_slave", rtnl.IFLA_STATS_LINK_XSTATS_SLAVE, bondSets, "[ 802.3ad ] [ dev DEVICE ]", showBondXStats},
}

// linkXStats is the step that lists them.
type linkXStats struct {
	kind *xstatsKind
	only uint16 // one attribute, 0 for all
	dev  string
	has  bool
}

// parseLinkXStats reads "type KIND" and what the kind takes.
func parseLinkXStats(a *args) (*plan, error) {
	if !a.more() {
		return nil, failf(exitMissing, "xstats: missing argument")
	}
	switch w := a.next(); {
	case matches(w, "type"):
	case matches(w, "help"):
		return &plan{[]step{text("Usage: ... xstats type TYPE [ ARGS ]\n")}}, nil
	default:
		a.wrong(w, "unknown argument")
	}
	s := &linkXStats{}
	w := a.next()
	for i := range xstatsKinds {
		if xstatsKinds[i].name == w {
			s.kind = &xstatsKinds[i]
		}
	}
	switch {
	case a.err != nil:
	case s.kind == nil && findKind(w) != nil:
		a.failf(exitMissing, "xstats: link type ", w, " doesn't support xstats")
	case s.kind == nil:
		a.wrong(w, "invalid type")
	}
next:
	for a.more() && a.err == nil {
		w := a.next()
		for _, set := range s.kind.sets {
			if set.word == w {
				s.only = set.attr
				continue next
			}
		}
		switch w {
		case "dev":
			s.dev, s.has = a.next(), true
		case "help":
			return &plan{[]step{text("Usage: ... " + s.kind.name + " " + s.kind.usage + "\n")}}, nil
		default:
			a.wrong(w, "unknown attribute")
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *linkXStats) run(r *runner) error {
	var index int32
	if s.has {
		d, err := r.device(s.dev)
		if err != nil {
			return err
		}
		if index = d.index; index == 0 {
			return noDevice(s.dev)
		}
	}
	var b nl.Builder
	rtnl.GetStats(&b, rtnl.IfStatsMsg{Mask: rtnl.StatsFilter(uint16(s.kind.attr))})
	p := &linkPrinter{printer: r.g.printer(r.out), r: r, g: r.g, link: true}
	p.open()
	defer p.close()
	return r.dump(&b, nil, func(m nl.Message) error {
		h, as, err := rtnl.ParseStats(m)
		if err != nil || index != 0 && h.Index != index {
			return err
		}
		typ := rtnl.LINK_XSTATS_TYPE_BRIDGE
		if &s.kind.sets[0] == &bondSets[0] {
			typ = rtnl.LINK_XSTATS_TYPE_BOND
		}
		list, ok := as.Nest(s.kind.attr).Get(uint16(typ))
		if !ok {
			return nil
		}
		p.Obj("")
		name := r.name(h.Index)
		if p.json {
			p.JStr("ifname", name)
		} else {
			p.o.Left(cli.Safe(name), 16).NL()
		}
		s.kind.show(p, list.Attrs(), s.only)
		p.EndObj()
		return nil
	})
}

func showBridgeXStats(p *linkPrinter, as nl.Attrs, only uint16) {
	for a := range as.All() {
		switch t := a.Type(); {
		case only != 0 && t != only:
		case t == uint16(rtnl.BRIDGE_XSTATS_MCAST):
			p.mcastCounters(a.Bytes())
		case t == uint16(rtnl.BRIDGE_XSTATS_STP):
			p.stpCounters(a.Bytes())
		}
	}
}

func showBondXStats(p *linkPrinter, as nl.Attrs, only uint16) {
	if as, ok := as.Get(uint16(rtnl.BOND_XSTATS_3AD)); ok {
		p.lacpCounters(as.Attrs())
	}
}

// statsMcast, statsSTP and statsLACP are the same for "ip stats": as is what
// IFLA_STATS_LINK_XSTATS, or that of a port, holds.
func (p *linkPrinter) statsMcast(as nl.Attrs) {
	if b, ok := as.Nest(rtnl.LINK_XSTATS_TYPE_BRIDGE).Blob(rtnl.BRIDGE_XSTATS_MCAST); ok {
		p.NL()
		p.mcastCounters(b)
	}
}

func (p *linkPrinter) statsSTP(as nl.Attrs) {
	if b, ok := as.Nest(rtnl.LINK_XSTATS_TYPE_BRIDGE).Blob(rtnl.BRIDGE_XSTATS_STP); ok {
		p.NL()
		p.stpCounters(b)
	}
}

func (p *linkPrinter) statsLACP(as nl.Attrs) {
	if a, ok := as.Nest(rtnl.LINK_XSTATS_TYPE_BOND).Get(uint16(rtnl.BOND_XSTATS_3AD)); ok {
		p.NL()
		p.lacpCounters(a.Attrs())
	}
}

// u64At reads the i-th member of a structure of 64-bit counters; 0 if it ends
// before.
func u64At(b []byte, i int) uint64 {
	if len(b) < 8*i+8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b[8*i:])
}

const xstatsIndent = "                    "

// mcastRows are the members of struct br_mcast_stats, linux/if_bridge.h, as
// they are shown. Each counter is one of receiving, and behind it one of
// sending.
var mcastRows = [...]struct {
	key, head string
	at        []int // of version 1, 2, ...; nil for a single number, at the place in one
	one       int
}{
	{"igmp_queries", "IGMP queries:", []int{0, 2, 4}, 0},
	{"igmp_reports", "IGMP reports:", []int{8, 10, 12}, 0},
	{"igmp_leaves", "IGMP leaves: ", []int{6}, 0},
	{"igmp_parse_errors", "IGMP parse errors: ", nil, 14},
	{"mld_queries", "MLD queries:", []int{15, 17}, 0},
	{"mld_reports", "MLD reports:", []int{21, 23}, 0},
	{"mld_leaves", "MLD leaves: ", []int{19}, 0},
	{"mld_parse_errors", "MLD parse errors: ", nil, 25},
}

// mcastCounters writes what a bridge, or a port, has seen of IGMP and MLD.
func (p *linkPrinter) mcastCounters(b []byte) {
	p.Obj("multicast")
	for i := range mcastRows {
		r := &mcastRows[i]
		p.T(xstatsIndent, r.head)
		switch len(r.at) {
		case 0:
			p.Uint(r.key, "", u64At(b, r.one), "\n")
		case 1:
			p.Obj(r.key)
			p.Uint("rx", "RX: ", u64At(b, r.at[0]), " ")
			p.Uint("tx", "TX: ", u64At(b, r.at[0]+1), "\n")
			p.EndObj()
		default:
			p.Obj(r.key)
			p.T("\n")
			for dir, name := range [...]string{"RX:", "TX:"} {
				p.T(xstatsIndent, "  ", name)
				for v, at := range r.at {
					version := string([]byte{'v', byte('1' + v)})
					p.Uint([...]string{"rx_", "tx_"}[dir]+version, " "+version+" ", u64At(b, at+dir), "")
				}
				p.T("\n")
			}
			p.EndObj()
		}
	}
	p.EndObj()
}

// stpCounters writes what a port has seen of the spanning tree.
func (p *linkPrinter) stpCounters(b []byte) {
	p.Obj("stp")
	for _, c := range [...]struct {
		key, text string
		at        int
		end       string
	}{
		{"rx_bpdu", xstatsIndent + "STP BPDU:  RX: ", 2, " "}, {"tx_bpdu", "TX: ", 3, "\n"},
		{"rx_tcn", xstatsIndent + "STP TCN:   RX: ", 4, " "}, {"tx_tcn", "TX: ", 5, "\n"},
		{"transition_blk", xstatsIndent + "STP Transitions: Blocked: ", 0, " "}, {"transition_fwd", "Forwarding: ", 1, "\n"},
	} {
		p.Uint(c.key, c.text, u64At(b, c.at), c.end)
	}
	p.EndObj()
}

// lacpNames are the counters of 802.3ad, in the order of their numbers, which
// begin with 0.
var lacpNames = [...]struct{ key, text string }{
	{"lacpdu_rx", "LACPDU Rx "}, {"lacpdu_tx", "LACPDU Tx "}, {"lacpdu_unknown_rx", "LACPDU Unknown type Rx "}, {"lacpdu_illegal_rx", "LACPDU Illegal Rx "},
	{"marker_rx", "Marker Rx "}, {"marker_tx", "Marker Tx "}, {"marker_response_rx", "Marker response Rx "}, {"marker_response_tx", "Marker response Tx "},
	{"marker_unknown_rx", "Marker unknown type Rx "},
}

// lacpCounters writes what a bond, or a port of one, has seen of 802.3ad.
func (p *linkPrinter) lacpCounters(as nl.Attrs) {
	p.Obj("802.3ad")
	for i, n := range lacpNames {
		if v, ok := as.U64(nl.AttrU64(i)); ok {
			p.Uint(n.key, xstatsIndent+n.text, v, "\n")
		}
	}
	p.EndObj()
}

// linkAfStats is the step that lists the counters of families.
type linkAfStats struct {
	dev string
	has bool
}

func parseLinkAfStats(a *args) (*plan, error) {
	s := &linkAfStats{}
	for a.more() && a.err == nil {
		switch w := a.next(); {
		case w == "dev":
			s.dev, s.has = a.next(), true
		case matches(w, "help"):
			a.fail(a.usage())
		default:
			a.failf(exitUsage, `Command "`, w, `" is unknown, try "ip link help".`)
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *linkAfStats) run(r *runner) error {
	var index int32
	if s.has {
		d, err := r.device(s.dev)
		if err != nil {
			return err
		}
		if index = d.index; index == 0 {
			return failf(0, `Device "`, s.dev, `" does not exist.`)
		}
	}
	p := &linkPrinter{printer: r.g.printer(r.out), r: r, g: r.g, link: true}
	var b nl.Builder
	rtnl.GetStats(&b, rtnl.IfStatsMsg{Mask: rtnl.StatsFilter(uint16(rtnl.IFLA_STATS_AF_SPEC))})
	p.open()
	defer p.close()
	return r.dump(&b, nil, func(m nl.Message) error {
		h, as, err := rtnl.ParseStats(m)
		if err != nil || index != 0 && h.Index != index {
			return err
		}
		named := false
		for a := range as.Nest(rtnl.IFLA_STATS_AF_SPEC).All() {
			if r.g.family != unix.AF_UNSPEC && a.Type() != uint16(r.g.family) {
				continue
			}
			if !named {
				p.Obj("")
				p.Uint("ifindex", "", uint64(uint32(h.Index)), ":")
				p.in(colIfname).Str("ifname", "", r.name(h.Index), "")
				p.NL()
				named = true
			}
			if a.Type() != unix.AF_MPLS {
				p.T("    unknown af(", itoa(int32(a.Type())), ")\n")
			} else if b, ok := a.Attrs().Blob(rtnl.MPLS_STATS_LINK); ok {
				p.T("    mpls:")
				p.NL()
				p.fewCounters(b, "        ", "noroute", "noroute")
				p.End()
			}
		}
		if named {
			p.EndObj()
		}
		return nil
	})
}
