//go:build !tiny

package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// netconfCommands is the object netconf: what sysctl has below net.ipv4.conf
// and the like.
var netconfCommands = commands{name: "ip netconf", none: parseNetconfShow, rows: []command{
	{name: "show", usage: "[ dev DEVICE ]", parse: parseNetconfShow, about: helps("list settings")},
	{name: "lst", quiet: true, parse: parseNetconfShow},
	{name: "list", quiet: true, parse: parseNetconfShow},
}}

// A netconfShow is the step that lists settings.
type netconfShow struct {
	family uint8
	dev    string
	hasDev bool
	index  int32 // when run
}

func parseNetconfShow(a *args) (*plan, error) {
	s := &netconfShow{family: a.g.family}
	for a.more() {
		if a.next() == "dev" { // any other word is let pass, as in iproute2
			s.dev, s.hasDev = a.next(), true
		}
	}
	return &plan{[]step{s}}, a.err
}

// one tells whether a single interface's settings are asked for: the kernel
// wants to know of which family.
func (s *netconfShow) one() bool { return s.hasDev && s.family != unix.AF_UNSPEC }

func (s *netconfShow) request(b *nl.Builder) {
	rtnl.GetNetconf(b, s.family)
	if s.one() {
		b.S32(rtnl.NETCONFA_IFINDEX, s.index)
	}
}

func (s *netconfShow) run(r *runner) error {
	if s.hasDev {
		d, err := r.device(s.dev)
		if err == nil && d.index == 0 {
			err = failf(exitMissing, `Device "`, s.dev, `" does not exist.`)
		}
		if err != nil {
			return err
		}
		s.index = d.index
	}
	var q request
	s.request(&q.b)
	p := r.g.printer(r.out)
	show := func(m nl.Message) error {
		v, err := rtnl.ParseNetconf(m)
		if err != nil {
			return notMine(err)
		}
		index, _ := v.Attrs.S32(rtnl.NETCONFA_IFINDEX)
		if (s.family == unix.AF_UNSPEC || s.family == v.Family) && (!s.hasDev || s.index == index) {
			p.netconf(r, m, &v, index)
		}
		return nil
	}
	if s.one() {
		p.json = false // iproute2 has no JSON for it
		var bad error
		err := r.do(&q, func(m nl.Message) {
			if bad == nil {
				bad = show(m)
			}
		})
		var k *nl.Error
		if err == nil || errors.As(err, &k) { // a refusal is nothing to show, as in iproute2
			err = bad
		}
		return err
	}
	p.open()
	err := r.dump(&q.b, nil, show)
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, exitMissing, "Dump terminated")
	}
	p.close()
	return err
}

// netconfSwitches are the settings that are on or off, in the order of the
// output; rp_filter stands behind the first.
var netconfSwitches = [...]struct {
	attr nl.AttrS32
	name string
}{
	{rtnl.NETCONFA_FORWARDING, "forwarding"}, {rtnl.NETCONFA_RP_FILTER, "rp_filter"}, {rtnl.NETCONFA_MC_FORWARDING, "mc_forwarding"},
	{rtnl.NETCONFA_PROXY_NEIGH, "proxy_neigh"}, {rtnl.NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN, "ignore_routes_with_linkdown"}, {rtnl.NETCONFA_INPUT, "input"},
}

// netconf writes the settings of an interface.
func (p *printer) netconf(r *runner, m nl.Message, v *rtnl.Netconf, index int32) {
	p.Obj("")
	if m.Type() == unix.RTM_DELNETCONF {
		p.Flag("deleted", "Deleted ")
	}
	p.Str("family", "", familyName(v.Family), " ")
	if index != 0 {
		name := ""
		switch index {
		case rtnl.NetconfAll:
			name = "all"
		case rtnl.NetconfDefault:
			name = "default"
		default:
			name = r.name(index)
		}
		p.in(colIfname).Str("interface", "", name, " ")
	}
	for _, s := range netconfSwitches {
		n, ok := v.Attrs.S32(s.attr)
		switch word := rtnl.RPFilters.Name(uint32(n)); {
		case !ok:
		case s.attr != rtnl.NETCONFA_RP_FILTER:
			p.OnOff(s.name, s.name+" ", n != 0, " ")
		case word != "":
			p.Str(s.name, s.name+" ", word, " ")
		default:
			p.Uint(s.name, s.name+" ", uint64(uint32(n)), " ")
		}
	}
	p.End()
	p.EndObj()
}
