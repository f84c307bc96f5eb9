//go:build !tiny

package ip

import (
	"slices"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// The object stats: counters of links beyond those of "ip -s link".
var statsCommands = commands{name: "ip stats", none: parseStatsShow, where: statsWhere, wrong: func(a *args, w string) {
	a.failf(exitMissing, `Command "`, w, `" is unknown, try "ip stats help".`)
}, rows: []command{
	{name: "help", exact: true, quiet: true, parse: parseStatsHelp},
	{name: "show", exact: true, usage: "[ dev DEVICE ] [ group GROUP [ subgroup SUBGROUP [ suite SUITE ] ... ] ... ] ...", parse: parseStatsShow},
	{name: "set", exact: true, usage: "dev DEVICE l3_stats { on | off }", parse: parseStatsSet},
}}

// A statsSuite is one set of counters: what it is called, where it is in
// RTM_NEWSTATS, and how it is shown.
type statsSuite struct {
	name [3]string // group, subgroup, suite
	attr uint16
	sub  uint32 // what is asked for of the nest that attr is; 0 is all
	show func(p *linkPrinter, as nl.Attrs)
}

// statsLevels are the words before the parts of a name.
var statsLevels = [...]string{"group", "subgroup", "suite"}

// statsSuites is in the order of iproute2's output, which is not that of its
// usage text.
var statsSuites = [...]statsSuite{
	{[3]string{"afstats", "mpls"}, uint16(rtnl.IFLA_STATS_AF_SPEC), 0, statsMPLS},
	{[3]string{"link"}, uint16(rtnl.IFLA_STATS_LINK_64), 0, statsLink},
	{[3]string{"offload", "l3_stats"}, uint16(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS), offloadL3 | offloadInfo, statsL3},
	{[3]string{"offload", "hw_stats_info"}, uint16(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS), offloadInfo, statsHWInfo},
	{[3]string{"offload", "cpu_hit"}, uint16(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS), offloadCPU, statsCPUHit},
	{[3]string{"xstats_slave", "bond", "802.3ad"}, uint16(rtnl.IFLA_STATS_LINK_XSTATS_SLAVE), 0, func(p *linkPrinter, as nl.Attrs) { p.statsLACP(as.Nest(rtnl.IFLA_STATS_LINK_XSTATS_SLAVE)) }},
	{[3]string{"xstats", "bond", "802.3ad"}, uint16(rtnl.IFLA_STATS_LINK_XSTATS), 0, func(p *linkPrinter, as nl.Attrs) { p.statsLACP(as.Nest(rtnl.IFLA_STATS_LINK_XSTATS)) }},
	{[3]string{"xstats_slave", "bridge", "mcast"}, uint16(rtnl.IFLA_STATS_LINK_XSTATS_SLAVE), 0, func(p *linkPrinter, as nl.Attrs) { p.statsMcast(as.Nest(rtnl.IFLA_STATS_LINK_XSTATS_SLAVE)) }},
	{[3]string{"xstats_slave", "bridge", "stp"}, uint16(rtnl.IFLA_STATS_LINK_XSTATS_SLAVE), 0, func(p *linkPrinter, as nl.Attrs) { p.statsSTP(as.Nest(rtnl.IFLA_STATS_LINK_XSTATS_SLAVE)) }},
	{[3]string{"xstats", "bridge", "mcast"}, uint16(rtnl.IFLA_STATS_LINK_XSTATS), 0, func(p *linkPrinter, as nl.Attrs) { p.statsMcast(as.Nest(rtnl.IFLA_STATS_LINK_XSTATS)) }},
	{[3]string{"xstats", "bridge", "stp"}, uint16(rtnl.IFLA_STATS_LINK_XSTATS), 0, func(p *linkPrinter, as nl.Attrs) { p.statsSTP(as.Nest(rtnl.IFLA_STATS_LINK_XSTATS)) }},
}

// Bits of what is inside IFLA_STATS_LINK_OFFLOAD_XSTATS.
const (
	offloadCPU  = 1 << 0
	offloadInfo = 1 << 1
	offloadL3   = 1 << 2
	offloadAll  = offloadCPU | offloadInfo | offloadL3
)

// statsGroups is in the order of the usage text.
var statsGroups = [...]string{"link", "xstats", "xstats_slave", "offload", "afstats"}

// statsWhere says which groups there are, and what is in them.
func statsWhere(o *cli.Out) {
	sep := "\nGROUP := { "
	for _, group := range statsGroups {
		o.S(sep, group)
		sep = " | "
	}
	o.S(" }")
	for _, group := range statsGroups {
		last := ""
		for i := range statsSuites {
			n := &statsSuites[i].name
			if n[0] != group || n[1] == "" {
				continue
			}
			if last == "" {
				o.S("\n", group, " SUBGROUP := { ")
			} else if last != n[1] {
				o.S(" | ")
			}
			if last != n[1] {
				o.S(n[1])
			}
			if n[2] != "" {
				o.S(" [ suite ", n[2], " ]")
			}
			last = n[1]
		}
		if last != "" {
			o.S(" }")
		}
	}
}

// statsNames returns what may follow words that end in "group", "subgroup" or
// "suite"; nothing behind others.
func statsNames(words []string) (names []string) {
	var sel [len(statsLevels)]string
	level := -1 // of the name that comes next
	for _, w := range words {
		if level >= 0 {
			sel[level] = w
			clear(sel[level+1:])
			level = -1
			continue
		}
		level = slices.Index(statsLevels[:], w)
	}
	if level < 0 {
		return nil
	}
	for i := range statsSuites {
		n := &statsSuites[i].name
		if n[level] != "" && slices.Equal(n[:level], sel[:level]) {
			names = append(names, n[level])
		}
	}
	return names
}

// parseStatsHelp prints the usage text, and is none of the user's mistakes.
func parseStatsHelp(a *args) (*plan, error) { return nil, &failure{help: a.obj} }

// statsUnknown is the failure for a word that is no keyword.
func (a *args) statsUnknown(w string) *failure {
	return &failure{code: int(unix.EINVAL), text: `What is "` + cli.Safe(w) + "\"?\n" + a.obj.usage()}
}

// statsDev reads a device, once.
func (a *args) statsDev(dev *string, has *bool) {
	w := a.next()
	switch {
	case a.err != nil:
	case *has:
		a.garbage("dev", w)
	case !validIfName(w):
		a.wrong(w, `"dev" not a valid ifname`)
	}
	*dev, *has = w, true
}

// statsShow is the step that lists counters.
type statsShow struct {
	dev     string
	hasDev  bool
	enabled [len(statsSuites)]bool
}

func parseStatsShow(a *args) (*plan, error) {
	s := &statsShow{}
	var sel [len(statsLevels)]string
next:
	for a.more() && a.err == nil {
		switch w := a.next(); w {
		case "dev":
			a.statsDev(&s.dev, &s.hasDev)
		case "help":
			return parseStatsHelp(a)
		default:
			for i, level := range statsLevels {
				if w == level {
					s.choose(a, &sel, i, a.next())
					continue next
				}
			}
			a.fail(a.statsUnknown(w))
		}
	}
	if a.err == nil {
		s.enable(a, &sel)
	}
	return &plan{[]step{s}}, a.err
}

// choose makes name the part of the selection at a level. What was selected
// before is wanted, too, if it was complete to that level.
func (s *statsShow) choose(a *args, sel *[3]string, level int, name string) {
	for i := range sel[:level] {
		if sel[i] == "" {
			a.failf(int(unix.EINVAL), "Error: "+statsLevels[level]+" ", name, " requested without selecting a "+statsLevels[i]+" first")
			return
		}
	}
	if sel[level] != "" && a.err == nil {
		s.enable(a, sel)
	}
	sel[level] = name
	clear(sel[level+1:])
}

// enable marks every suite that a selection names.
func (s *statsShow) enable(a *args, sel *[3]string) {
	inside, leaf := "top-level", false
	for level, name := range sel {
		if name == "" {
			break
		}
		if leaf {
			a.failf(int(unix.EINVAL), "Error: "+statsLevels[level]+" ", name, " requested inside leaf "+statsLevels[level-1]+" "+inside)
			return
		}
		found := false
		for i := range statsSuites {
			if u := &statsSuites[i]; u.has(sel, level+1) {
				found, leaf = true, level == len(u.name)-1 || u.name[level+1] == ""
			}
		}
		if !found {
			a.failf(int(unix.EINVAL), "Error: no "+statsLevels[level]+" named ", name, " found inside "+inside)
			return
		}
		inside = name
	}
	for i := range statsSuites {
		n := 0
		for n < len(sel) && sel[n] != "" {
			n++
		}
		if statsSuites[i].has(sel, n) {
			s.enabled[i] = true
		}
	}
}

func (u *statsSuite) has(sel *[3]string, n int) bool {
	for i := range n {
		if u.name[i] != sel[i] {
			return false
		}
	}
	return true
}

func (s *statsShow) run(r *runner) error {
	var index int32
	if s.hasDev {
		d, err := r.device(s.dev)
		if err != nil {
			return err
		}
		if index = d.index; index == 0 {
			return noDevice(s.dev)
		}
	}
	var b nl.Builder
	s.request(&b, index)
	p := r.statsPrinter()
	p.open()
	defer p.close()
	if s.hasDev {
		c, err := r.main()
		if err != nil {
			return err
		}
		var bad error
		err = c.Do(&b, func(m nl.Message) { bad = s.message(p, m) })
		if err == nil {
			err = bad
		}
		return err
	}
	return r.dump(&b, nil, func(m nl.Message) error {
		err := s.message(p, m)
		p.NL()
		return err
	})
}

// request begins the question for one link, or, without an index, for all. The
// filter inside a nest is left out where all of it is wanted.
func (s *statsShow) request(b *nl.Builder, index int32) {
	h := rtnl.IfStatsMsg{Index: index}
	var filter uint32
	for i := range statsSuites {
		if u := &statsSuites[i]; s.enabled[i] {
			h.Mask |= rtnl.StatsFilter(u.attr)
			filter |= u.sub
		}
	}
	rtnl.GetStats(b, h)
	if filter != 0 && filter != offloadAll {
		n := b.NestF(rtnl.IFLA_STATS_GET_FILTERS)
		b.U32(nl.AttrU32(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS), filter)
		b.End(n)
	}
}

// statsPrinter is a printer of links that shows one more detail of counters,
// as iproute2 does here, and one more with -d.
func (r *runner) statsPrinter() *linkPrinter {
	g := *r.g
	g.stats += 1 + g.details
	return &linkPrinter{printer: g.printer(r.out), r: r, g: &g, link: true}
}

// message writes the counters of one link.
func (s *statsShow) message(p *linkPrinter, m nl.Message) error {
	h, as, err := rtnl.ParseStats(m)
	if err != nil {
		return err
	}
	for i := range statsSuites {
		u := &statsSuites[i]
		if !s.enabled[i] {
			continue
		}
		p.Obj("")
		p.Int("ifindex", "", int64(h.Index), ":")
		p.in(colIfname).Str("ifname", " ", p.r.name(h.Index), ":")
		for level, name := range u.name {
			if name != "" {
				p.Str(statsLevels[level], " "+statsLevels[level]+" ", name, "")
			}
		}
		u.show(p, as)
		p.EndObj()
		p.NL()
	}
	return nil
}

func statsLink(p *linkPrinter, as nl.Attrs) {
	p.NL()
	p.stats64(as, rtnl.IFLA_STATS_LINK_64)
}

func statsCPUHit(p *linkPrinter, as nl.Attrs) {
	p.NL()
	p.stats64(as.Nest(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS), rtnl.IFLA_OFFLOAD_XSTATS_CPU_HIT)
}

// stats64 writes the counters of links, of an attribute of another message.
func (p *linkPrinter) stats64(as nl.Attrs, attr nl.AttrBytes) {
	p.tb[rtnl.IFLA_STATS64], _ = as.Get(uint16(attr))
	p.statistics()
}

// statsInfo returns what is known of the hardware's counters.
func statsInfo(as nl.Attrs) nl.Attrs {
	return as.Nest(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS).Nest(rtnl.IFLA_OFFLOAD_XSTATS_HW_S_INFO)
}

func statsHWInfo(p *linkPrinter, as nl.Attrs) {
	info := statsInfo(as)
	if info == nil {
		return
	}
	p.NL()
	p.Obj("info")
	if l3 := info.Nest(nl.AttrNest(rtnl.IFLA_OFFLOAD_XSTATS_L3_STATS)); l3 != nil {
		p.T("    l3_stats")
		p.Obj("l3_stats")
		p.hwInfo(l3)
		p.EndObj()
	}
	p.EndObj()
}

// hwInfo writes whether counters are asked for, and whether they are kept.
func (p *linkPrinter) hwInfo(as nl.Attrs) {
	if v, ok := as.U8(rtnl.IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST); ok {
		p.OnOff("request", " ", v != 0, "")
	}
	if v, ok := as.U8(rtnl.IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED); ok {
		p.OnOff("used", " used ", v != 0, "")
	}
}

func statsL3(p *linkPrinter, as nl.Attrs) {
	info := statsInfo(as)
	if info == nil {
		return
	}
	p.Obj("info")
	p.hwInfo(info.Nest(nl.AttrNest(rtnl.IFLA_OFFLOAD_XSTATS_L3_STATS)))
	p.EndObj()
	if b, ok := as.Nest(rtnl.IFLA_STATS_LINK_OFFLOAD_XSTATS).Blob(rtnl.IFLA_OFFLOAD_XSTATS_L3_STATS); ok {
		p.NL()
		p.Obj("stats64")
		p.fewCounters(b, "    ", "mcast", "multicast")
		p.EndObj()
	}
}

func statsMPLS(p *linkPrinter, as nl.Attrs) {
	b, ok := as.Nest(rtnl.IFLA_STATS_AF_SPEC).Nest(rtnl.IFLA_STATS_AF_MPLS).Blob(rtnl.MPLS_STATS_LINK)
	if !ok {
		return
	}
	p.NL()
	p.Obj("mpls_stats")
	p.fewCounters(b, "    ", "noroute", "noroute")
	p.EndObj()
}

// fewCounters writes struct rtnl_hw_stats64 or struct mpls_link_stats, which
// differ in their last member.
func (p *linkPrinter) fewCounters(b []byte, indent, head, key string) {
	heads := [...]string{"bytes", "packets", "errors", "dropped", head}
	keys := [...]string{"bytes", "packets", "errors", "dropped", key}
	members := [...]int{2, 0, 4, 6, 8} // of receiving; of sending they are one further
	width := [...]int{len("*X: bytes"), len("packets"), len("errors"), len("dropped"), len("noroute")}
	for i := range width {
		for dir := range 2 {
			if n := digits(u64At(b, members[i]+dir)); n > width[i] && !p.g.human && (dir == 0 || i < 4) {
				width[i] = n
			}
		}
	}
	for dir, name := range [...]string{"rx", "tx"} {
		columns := 5 - dir
		p.Obj(name)
		if !p.json {
			p.o.S(indent, [...]string{"RX: ", "TX: "}[dir])
			for i := range columns {
				if i == 0 {
					p.o.Right(heads[i], width[i]-4)
				} else {
					p.o.C(' ').Right(heads[i], width[i])
				}
			}
			p.NL()
			p.T(indent)
		}
		for i := range columns {
			if v := u64At(b, members[i]+dir); p.json {
				p.JUint(keys[i], v)
			} else {
				p.count(width[i], v)
			}
		}
		p.EndObj()
		if dir == 0 {
			p.NL()
		}
	}
}

// parseStatsSet reads which counters the hardware shall keep.
func parseStatsSet(a *args) (*plan, error) {
	var dev string
	var hasDev, hasStats, on bool
	for a.more() && a.err == nil {
		switch w := a.next(); w {
		case "dev":
			a.statsDev(&dev, &hasDev)
		case "l3_stats":
			w = a.next()
			if on = w == "on"; hasStats {
				a.failf(int(unix.EINVAL), "A statistics suite to toggle was already given.")
			} else if !on && w != "off" {
				a.failf(int(unix.EINVAL), `Error: argument of "l3_stats" must be one of "off", "on", not "`, w, `"`)
			}
			hasStats = true
		case "help":
			return parseStatsHelp(a)
		default:
			a.fail(a.statsUnknown(w))
		}
	}
	switch {
	case a.err != nil:
	case !hasDev:
		a.failf(exitUsage, `Not enough information: "dev" argument is required.`)
	case !hasStats:
		a.failf(exitUsage, "Not enough information: stat type to toggle is required.")
	}
	q := &request{}
	rtnl.SetStats(&q.b, rtnl.IfStatsMsg{})
	q.devAt(nl.HeaderLen+4, dev, nil)
	q.b.U8(rtnl.IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS, bit(on))
	return &plan{[]step{q}}, a.err
}
