//go:build !tiny

package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// addrlabelCommands is the object addrlabel: the labels by which IPv6 chooses
// a source address.
var addrlabelCommands = commands{name: "ip addrlabel", none: parseAddrlabelList, rows: []command{
	{name: "list", quiet: true, parse: parseAddrlabelList},
	{name: "show", usage: "", parse: parseAddrlabelList, about: helps("list labels")},
	{name: "lst", quiet: true, parse: parseAddrlabelList},
	{name: "add", usage: "prefix PREFIX [ dev DEVICE ] label LABEL", parse: parseAddrlabelModify, typ: unix.RTM_NEWADDRLABEL, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("give a prefix a label")},
	{name: "delete", usage: "prefix PREFIX [ dev DEVICE ] label LABEL", parse: parseAddrlabelModify, typ: unix.RTM_DELADDRLABEL, about: helps("take it away")},
	{name: "flush", usage: "", parse: parseAddrlabelFlush, about: helps("remove all labels")},
}}

func parseAddrlabelModify(a *args) (*plan, error) {
	s := &request{}
	h := rtnl.IfAddrLblMsg{Family: a.g.family}
	if h.Family == unix.AF_UNSPEC {
		h.Family = unix.AF_INET6
	}
	if a.cmd.typ == unix.RTM_NEWADDRLABEL {
		rtnl.NewAddrLabel(&s.b, a.cmd.flags, h)
	} else {
		rtnl.DelAddrLabel(&s.b, h)
	}
	var net prefix
	var label uint32
	hasNet, hasLabel := false, false
	for a.more() {
		switch w := a.next(); w {
		case "prefix":
			net, hasNet = a.prefix(a.g.family), true
		case "dev":
			w = a.next()
			s.devAt(nl.HeaderLen+4, w, failf(exitUsage, `Error: argument "`, w, "\" is wrong: dev is invalid\n"))
		case "label":
			label, hasLabel = a.uint32("label is invalid\n"), true
			if label == 1<<32-1 {
				a.wrong("4294967295", "label is invalid\n")
			}
		} // any other word is let pass, as in iproute2
	}
	switch {
	case a.err != nil:
	case !hasNet:
		a.failf(exitMissing, `Not enough information: "prefix" argument is required.`)
	case !hasLabel:
		a.failf(exitMissing, `Not enough information: "label" argument is required.`)
	}
	s.b.U32(rtnl.IFAL_LABEL, label)
	s.putIP(rtnl.IFAL_ADDRESS, &net)
	s.patch(2, uint8(net.bits))
	return &plan{[]step{hinted{s, addrlabelHint}}}, a.err
}

// addrlabelHint is about a change of labels.
func addrlabelHint(r *runner, e *nl.Error) string {
	v, err := rtnl.ParseAddrLabel(e.Request)
	if err != nil {
		return ""
	}
	addr, _ := v.Attrs.IP(rtnl.IFAL_ADDRESS)
	switch {
	case len(addr) != 16:
		return "only IPv6 prefixes have labels"
	case e.Errno == unix.EEXIST:
		return `this prefix has a label already: "ip addrlabel delete" it first`
	case e.Errno == unix.ESRCH:
		return `"ip addrlabel" lists those that there are`
	}
	return ""
}

// An addrlabelList is the step that lists labels, or deletes all.
type addrlabelList struct {
	family uint8
	flush  bool
}

func parseAddrlabelList(a *args) (*plan, error) {
	if a.more() {
		return nil, failf(exitMissing, `"ip addrlabel show" does not take any arguments.`)
	}
	return addrlabels(a, false)
}

func parseAddrlabelFlush(a *args) (*plan, error) {
	if a.more() {
		return nil, failf(exitMissing, `"ip addrlabel flush" does not allow extra arguments`)
	}
	return addrlabels(a, true)
}

func addrlabels(a *args, flush bool) (*plan, error) {
	s := &addrlabelList{family: a.g.family, flush: flush}
	if s.family == unix.AF_UNSPEC {
		s.family = unix.AF_INET6
	}
	return &plan{[]step{s}}, nil
}

func (s *addrlabelList) request(b *nl.Builder) { rtnl.GetAddrLabel(b, s.family) }

func (s *addrlabelList) run(r *runner) error {
	var b, del nl.Builder
	s.request(&b)
	p := r.g.printer(r.out)
	if !s.flush {
		p.open()
	}
	err := r.dump(&b, nil, func(m nl.Message) error {
		v, err := rtnl.ParseAddrLabel(m)
		switch {
		case err != nil:
			return notMine(err)
		case !s.flush:
			p.addrlabel(r, m, &v)
		default:
			appendDelete(&del, m, unix.RTM_DELADDRLABEL)
		}
		return nil
	})
	after, code := "Dump terminated", exitUsage
	if s.flush {
		after, code = "Flush terminated", exitMissing
		if err == nil && del.Len() > 0 {
			var c *nl.Conn
			if c, err = r.main(); err == nil {
				err = c.Batch(&del, nil)
			}
		}
	}
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, code, after)
	}
	if !s.flush {
		p.close()
	}
	return err
}

// addrlabel writes a label.
func (p *printer) addrlabel(r *runner, m nl.Message, v *rtnl.AddrLabel) {
	p.Obj("")
	if m.Type() == unix.RTM_DELADDRLABEL {
		p.Flag("deleted", "Deleted ")
	}
	if a, ok := v.Attrs.IP(rtnl.IFAL_ADDRESS); ok {
		p.T("prefix ")
		p.in(familyColor(v.Family)).addrText("address", v.Family, a, "")
		p.Uint("prefixlen", "/", uint64(v.PrefixLen), " ")
	}
	if v.Index != 0 {
		p.T("dev ")
		p.in(colIfname).Str("ifname", "", r.name(v.Index), " ")
	}
	if n, ok := v.Attrs.U32(rtnl.IFAL_LABEL); ok {
		p.Uint("label", "label ", uint64(n), " ")
	}
	p.End()
	p.EndObj()
}
