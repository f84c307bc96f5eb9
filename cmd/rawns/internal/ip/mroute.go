//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// The object mroute: routes of multicast, which programs make by socket
// options. Here they are only shown.
var mrouteCommands = commands{name: "ip mroute", none: parseMrouteShow, where: func(o *cli.Out) {
	o.S("\nTABLE_ID := { local | main | default | all | NUMBER }")
}, rows: []command{
	{name: "list", quiet: true, parse: parseMrouteShow},
	{name: "show", usage: "[ [ to ] PREFIX ] [ from PREFIX ] [ iif DEVICE ] [ table TABLE_ID ]", parse: parseMrouteShow},
	{name: "lst", quiet: true, parse: parseMrouteShow},
}}

// mrouteShow is the step that lists them.
type mrouteShow struct {
	family   uint8 // of the request: familyIPMR or familyIP6MR; 0 if there are none
	table    uint32
	iif      string
	hasIif   bool
	to, from prefix
	hasTo    bool
	hasFrom  bool
}

func parseMrouteShow(a *args) (*plan, error) {
	s := &mrouteShow{}
	addr := uint8(unix.AF_INET)
	switch a.g.family {
	case unix.AF_UNSPEC, unix.AF_INET:
		s.family, s.table = familyIPMR, unix.RT_TABLE_DEFAULT // the one that there was before there were several
	case unix.AF_INET6:
		s.family, addr = familyIP6MR, unix.AF_INET6
	default: // has no such routes: iproute2 reads no further
		return &plan{}, nil
	}
	for a.more() && a.err == nil {
		switch w := a.peek(); {
		case matches(w, "table"):
			a.next()
			w = a.next()
			t, ok := tableNames.value(w)
			switch {
			case a.err != nil:
			case !ok && w == "help":
				return nil, a.usage()
			case !ok && w != "all":
				a.wrong(w, "table id value is invalid\n")
			}
			s.table = t
		case w == "iif":
			a.next()
			s.iif, s.hasIif = a.next(), true
		case matches(w, "from"):
			a.next()
			s.from, s.hasFrom = a.prefix(addr), true
		default:
			if w == "to" {
				a.next()
			}
			if matches(a.peek(), "help") {
				return nil, a.usage()
			}
			s.to, s.hasTo = a.prefix(addr), true
		}
	}
	return &plan{[]step{s}}, a.err
}

func (s *mrouteShow) run(r *runner) error {
	var iif uint32
	if s.hasIif {
		d, err := r.device(s.iif)
		if err != nil {
			return err
		}
		if d.index == 0 {
			return noDevice(s.iif)
		}
		iif = uint32(d.index)
	}
	var b nl.Builder
	rtnl.GetRoute(&b, rtnl.RtMsg{Family: s.family})
	if s.table != 0 {
		b.U32(rtnl.RTA_TABLE, s.table)
	}
	p := r.g.printer(r.out)
	p.open()
	err := r.dump(&b, nil, func(m nl.Message) error {
		var v routeView
		if err := v.parse(m); err != nil {
			return err
		}
		in, _ := v.at[rtnl.RTA_IIF].U32()
		switch {
		case v.Type != unix.RTN_MULTICAST || v.Family != s.family:
		case s.table != 0 && v.table != s.table, iif != 0 && in != iif:
		case s.hasTo && !s.to.covers(v.at[rtnl.RTA_DST].Bytes(), s.to.bits), s.hasFrom && !s.from.covers(v.at[rtnl.RTA_SRC].Bytes(), s.from.bits):
		default:
			p.mroute(r, m, &v, s.table != 0)
		}
		return nil
	})
	p.close()
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, exitMissing, "Dump terminated")
	}
	return err
}

// mroute writes one line. Which table is said unless it is plain.
func (p *printer) mroute(r *runner, m nl.Message, v *routeView, oneTable bool) {
	p.Obj("")
	if m.Type() == unix.RTM_DELROUTE {
		p.Flag("deleted", "Deleted ")
	}
	address := func(a nl.Attr) string {
		if b := a.Bytes(); len(b) == addrBits(v.addrFamily())/8 {
			return addrText(b)
		}
		return "unknown"
	}
	src, dst := address(v.at[rtnl.RTA_SRC]), address(v.at[rtnl.RTA_DST])
	if p.json {
		p.JStr("src", src)
		p.JStr("dst", dst)
	} else {
		p.o.Left("("+src+","+dst+")", 32).S(" Iif: ")
	}
	if iif, _ := v.at[rtnl.RTA_IIF].U32(); iif != 0 {
		name := cli.Safe(r.name(int32(iif)))
		pad := " "
		for i := len(name); i < 10; i++ {
			pad += " "
		}
		p.in(colIfname).Str("iif", "", name, pad)
	} else {
		p.Str("iif", "", "unresolved", " ")
	}
	if hops := v.at[rtnl.RTA_MULTIPATH]; hops.Present() {
		p.mrouteHops(r, hops.Bytes())
	}
	state := "resolved"
	if v.Flags&unix.RTNH_F_UNRESOLVED != 0 {
		state = "unresolved"
	}
	p.Str("state", " State: ", state, "")
	if v.Flags&unix.RTNH_F_OFFLOAD != 0 {
		p.T(" offload")
		p.JNull("offload")
	}
	if r.g.stats > 0 {
		p.mrouteStats(v)
	}
	if v.table != 0 && (v.table != unix.RT_TABLE_MAIN || r.g.details > 0) && !oneTable {
		p.Str("table", " Table: ", tableNames.name(v.table, p.num), "")
	}
	p.End()
	p.EndObj()
}

// mrouteHops writes where packets go: struct rtnexthop each, whose hops are the
// least that a packet's TTL must be.
func (p *printer) mrouteHops(r *runner, b []byte) {
	p.Arr("multipath", "")
	text := "Oifs: "
	for len(b) >= rtnhLen {
		n := int(binary.NativeEndian.Uint16(b))
		if n < rtnhLen || n > len(b) {
			break
		}
		p.Obj("")
		p.T(text)
		text = ""
		p.in(colIfname).Str("oif", "", r.name(int32(binary.NativeEndian.Uint32(b[rtnhIndex:]))), "")
		if ttl := b[rtnhHops]; ttl > 1 {
			p.Uint("ttl", "(ttl ", uint64(ttl), ") ")
		} else {
			p.T(" ")
		}
		p.EndObj()
		b = b[min((n+3)&^3, len(b)):]
	}
	p.EndArr("")
}

// mrouteStats writes how much has gone this way, and how old it is.
func (p *printer) mrouteStats(v *routeView) {
	if a := v.at[rtnl.RTA_MFC_STATS]; a.Present() {
		b := a.Bytes() // struct rta_mfc_stats
		p.NL()
		p.Uint("packets", "  ", u64At(b, 0), " packets,")
		p.Uint("bytes", " ", u64At(b, 1), " bytes")
		if n := u64At(b, 2); n != 0 {
			p.Uint("wrong_if", ", ", n, " arrived on wrong iif.")
		}
	}
	if n, ok := number(v.at[rtnl.RTA_EXPIRES]); ok {
		age := float64(n) / 100 // hundredths of a second
		if p.json {
			p.JNumber("expires", strconv.FormatFloat(age, 'g', 6, 64))
		} else {
			p.o.S(", Age ").F(age, 2)
		}
	}
}
