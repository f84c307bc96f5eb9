//go:build !tiny

package ip

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// vniCommands is the object vni. None of its words can be shortened. "del" is
// younger than iproute2 6.1, although its usage text had it.
var vniCommands = commands{name: "bridge vni", none: parseVNIShow, first: noShortHelp, rows: []command{
	{name: "add", exact: true, usage: "dev DEV vni VNI[-VNI][,VNI]... [ { group | remote } IPADDR ]", parse: parseVNIModify, typ: unix.RTM_NEWTUNNEL, about: helps("let a vxlan link take network identifiers")},
	{name: "delete", exact: true, usage: "dev DEV vni VNI[-VNI][,VNI]...", parse: parseVNIModify, typ: unix.RTM_DELTUNNEL, about: helps("no longer let it")},
	{name: "del", exact: true, quiet: true, parse: parseVNIModify, typ: unix.RTM_DELTUNNEL},
	{name: "show", exact: true, usage: "[ dev DEV ]", parse: parseVNIShow, about: helps("list them; with -s packets")},
	{name: "lst", exact: true, quiet: true, parse: parseVNIShow},
	{name: "list", exact: true, quiet: true, parse: parseVNIShow},
	{name: "help", exact: true, parse: parseHelp},
}}

// noShortHelp refuses what would else pass for "help".
func noShortHelp(a *args) error {
	if w := a.peek(); w != "help" && matches(w, "help") {
		return failf(exitUsage, `Command "`, w, `" is unknown, try "bridge vni help".`)
	}
	return nil
}

// parseVNIModify reads add and delete. Words that it does not know it skips, as
// iproute2 does.
func parseVNIModify(a *args) (*plan, error) {
	q := &request{}
	h := rtnl.PortMsg{Family: unix.AF_BRIDGE}
	if a.cmd.typ == unix.RTM_NEWTUNNEL {
		rtnl.NewTunnel(&q.b, h)
	} else {
		rtnl.DelTunnel(&q.b, h)
	}
	var dev, vnis string
	var hasDev, hasVNI, hasGroup bool
	var group prefix
	for a.more() {
		switch w := a.next(); w {
		case "dev":
			dev, hasDev = a.next(), true
		case "vni":
			w = a.next()
			if hasVNI {
				a.wrong(w, "duplicate vni")
			}
			vnis, hasVNI = w, true
		case "group", "remote":
			if hasGroup {
				a.wrong(w, "duplicate group")
			}
			g := a.peek()
			group, hasGroup = a.addr(unix.AF_UNSPEC), true
			if w == "group" && a.err == nil && !group.multicast() {
				a.wrong(g, "invalid group address")
			}
		case "help":
			a.fail(a.usage())
		}
	}
	if a.err == nil && (!hasDev || !hasVNI) {
		a.failed("Device and VNI ID are required arguments.")
	}
	for _, w := range strings.FieldsFunc(vnis, func(c rune) bool { return c == ',' }) {
		from, to, _ := strings.Cut(w, "-")
		n := q.b.NestF(rtnl.VXLAN_VNIFILTER_ENTRY)
		q.b.U32(rtnl.VXLAN_VNIFILTER_ENTRY_START, uint32(atoi(from)))
		if end := atoi(to); end != 0 {
			q.b.U32(rtnl.VXLAN_VNIFILTER_ENTRY_END, uint32(end))
		}
		if hasGroup {
			at := rtnl.VXLAN_VNIFILTER_ENTRY_GROUP
			if group.n == 16 {
				at = rtnl.VXLAN_VNIFILTER_ENTRY_GROUP6
			}
			q.putIP(at, &group)
		}
		q.b.End(n)
	}
	q.devAt(ifiIndex, dev, a.tool.failf(`Cannot find vxlan device "`, dev, `"`))
	return &plan{[]step{q}}, a.err
}

// vniShow is the step that lists what vxlan links take.
type vniShow struct {
	dev     string
	hasDev  bool
	missing *failure
}

// parseVNIShow reads show.
func parseVNIShow(a *args) (*plan, error) {
	s := &vniShow{}
	for a.more() {
		if a.next() != "dev" {
			continue
		}
		w := a.next()
		if s.hasDev {
			a.twice("dev", w)
		}
		s.dev, s.hasDev = w, true
		s.missing = a.noDev(w)
	}
	return &plan{[]step{s}}, a.err
}

const vniWidth = 15

func (s *vniShow) run(r *runner) (err error) {
	p := r.bridgePrinter()
	if p.index, err = r.find(s.dev, s.hasDev, s.missing); err != nil {
		return err
	}
	p.open()
	if !p.json {
		p.o.Left("dev", unix.IFNAMSIZ).S("  ").Left("vni", vniWidth).S("  ").Left("group/remote", vniWidth).NL()
	}
	h := rtnl.PortMsg{Family: unix.AF_BRIDGE, Index: p.index}
	if r.g.stats > 0 {
		h.Flags = rtnl.TunnelStats
	}
	var b nl.Builder
	rtnl.GetTunnel(&b, h)
	if err = p.list(&b, p.vnis); err == nil {
		p.close()
	}
	return err
}

// vnis writes what one link takes.
func (p *bridgePrinter) vnis(m nl.Message) error {
	h, err := rtnl.ParsePort(m, unix.RTM_NEWTUNNEL)
	if err != nil || h.Family != unix.AF_BRIDGE || p.index != 0 && p.index != h.Index {
		return err
	}
	p.banner("[TUNNEL]")
	if m.Type() == unix.RTM_DELTUNNEL {
		p.Flag("deleted", "Deleted ")
	}
	first := true
	for a := range h.Attrs.All() {
		if a.Type() != uint16(rtnl.VXLAN_VNIFILTER_ENTRY) {
			continue
		}
		if first {
			p.Obj("")
			name := p.r.name(h.Index)
			p.in(colIfname).Str("ifname", "", name, strings.Repeat(" ", max(unix.IFNAMSIZ-len(name), 0)+2))
			p.Arr("vnis", "")
			p.Obj("")
		} else {
			p.Obj("")
			p.T(strings.Repeat(" ", unix.IFNAMSIZ+2))
		}
		first = false
		p.vni(a.Attrs())
		p.EndObj()
		p.NL()
	}
	if !first {
		p.EndArr("")
		p.EndObj()
	}
	p.NL()
	return nil
}

// vniCounters are in the order in which they are listed.
var vniCounters = [...]struct {
	at        nl.AttrU64
	key, text string
}{
	{rtnl.VNIFILTER_ENTRY_STATS_RX_BYTES, "rx_bytes", "bytes "}, {rtnl.VNIFILTER_ENTRY_STATS_RX_PKTS, "rx_pkts", "pkts "},
	{rtnl.VNIFILTER_ENTRY_STATS_RX_DROPS, "rx_drops", "drops "}, {rtnl.VNIFILTER_ENTRY_STATS_RX_ERRORS, "rx_errors", "errors "},
	{rtnl.VNIFILTER_ENTRY_STATS_TX_BYTES, "tx_bytes", "bytes "}, {rtnl.VNIFILTER_ENTRY_STATS_TX_PKTS, "tx_pkts", "pkts "},
	{rtnl.VNIFILTER_ENTRY_STATS_TX_DROPS, "tx_drops", "drops "}, {rtnl.VNIFILTER_ENTRY_STATS_TX_ERRORS, "tx_errors", "errors "},
}

// vni writes one identifier, or the first and last of some, with where its
// packets go.
func (p *bridgePrinter) vni(as nl.Attrs) {
	start, _ := as.U32(rtnl.VXLAN_VNIFILTER_ENTRY_START)
	end, _ := as.U32(rtnl.VXLAN_VNIFILTER_ENTRY_END)
	column := func(v uint32) string { return string((&cli.Out{}).Left(itoa(int32(v)), vniWidth-1).B) }
	switch {
	case p.json:
		p.JUint("vni", uint64(start))
		if end != 0 && end != start {
			p.JUint("vniEnd", uint64(end))
		}
	case end == 0:
		p.T(" ", column(start))
	case end == start:
		p.T(" ", itoa(int32(start)))
	default:
		p.T(" ", itoa(int32(start)), "-", column(end), " ")
	}
	group, ok := as.IP(rtnl.VXLAN_VNIFILTER_ENTRY_GROUP)
	if !ok {
		group, ok = as.IP(rtnl.VXLAN_VNIFILTER_ENTRY_GROUP6)
	}
	if ok && strings.Trim(string(group), "\x00") != "" {
		key := "remote"
		if len(group) == 4 && group[0]&0xf0 == 0xe0 || len(group) == 16 && group[0] == 0xff {
			key = "group"
		}
		p.Str(key, " ", string(cli.AppendIP(nil, group)), "")
	}
	stats, ok := as.Get(uint16(rtnl.VXLAN_VNIFILTER_ENTRY_STATS))
	if !ok {
		return
	}
	p.Obj("stats")
	for i, c := range vniCounters {
		if i == 0 || i == len(vniCounters)/2 {
			p.NL()
			p.T(strings.Repeat(" ", unix.IFNAMSIZ+3), [...]string{"RX: ", "TX: "}[bit(i > 0)])
		}
		if v, ok := stats.Attrs().U64(c.at); ok {
			p.Uint(c.key, c.text, v, " ")
		}
	}
	p.EndObj()
}
