package ip

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl/rtnl"
)

// linkCommands is the object link.
var linkCommands = commands{name: "ip link", none: parseLinkShow, where: linkWhere, rows: []command{
	{name: "add", usage: "[ name ] NAME [ OPTIONS ] type TYPE [ ARGS ]", opts: []*table{&linkOptions}, parse: parseLinkModify, typ: unix.RTM_NEWLINK, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("make a link")},
	{name: "set", usage: "{ [ dev ] DEVICE | group GROUP } [ OPTIONS ] [ type TYPE ARGS ]", opts: []*table{&linkOptions, &vfOptions}, parse: parseLinkModify, typ: unix.RTM_NEWLINK, about: helps("change one, or all of a group")},
	{name: "change", usage: "{ [ dev ] DEVICE | group GROUP } [ OPTIONS ] [ type TYPE ARGS ]", opts: []*table{&linkOptions, &vfOptions}, parse: parseLinkModify, typ: unix.RTM_NEWLINK},
	{name: "replace", usage: "[ name ] NAME [ OPTIONS ] type TYPE [ ARGS ]", opts: []*table{&linkOptions}, parse: parseLinkModify, typ: unix.RTM_NEWLINK, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("make it, or change the one of that name")},
	{name: "delete", usage: "{ [ dev ] DEVICE | group GROUP } [ type TYPE ARGS ]", opts: []*table{&linkOptions}, parse: parseLinkModify, typ: unix.RTM_DELLINK, about: helps("remove one, or all of a group")},
	{name: "show", usage: "[ [ dev ] DEVICE | group GROUP ] [ up ] [ master DEVICE ] [ nomaster ] [ vrf NAME ] [ type TYPE ]", parse: parseLinkShow, about: helps("list links")},
	{name: "lst", quiet: true, parse: parseLinkShow},
	{name: "list", quiet: true, parse: parseLinkShow},
	{name: "xstats", usage: "type { bridge | bridge_slave | bond | bond_slave } [ ARGS ]", parse: parseLinkXStats},
	{name: "afstats", usage: "[ dev DEVICE ]", parse: parseLinkAfStats},
	{name: "property", usage: "{ add | del } [ dev ] DEVICE [ altname NAME ]...", parse: parseLinkProperty, about: helps("give and take alternative names")},
	{name: "help", usage: "[ TYPE ]", parse: parseLinkHelp},
}}

// parseLinkHelp prints the usage text of a kind, or the object's.
func parseLinkHelp(a *args) (*plan, error) {
	if k := findKind(a.peek()); k != nil && (k.opts != nil || k.help != "") {
		return &plan{[]step{text(k.usage())}}, nil
	}
	return nil, a.usage()
}

// parseLinkModify reads the options of add, set, replace and delete into one
// message.
func parseLinkModify(a *args) (*plan, error) {
	typ, flags := a.cmd.typ, a.cmd.flags
	s := a.mem.linkState()
	s.create = flags&unix.NLM_F_CREATE != 0
	s.b.Message(typ, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	s.header = s.b.Size()
	rtnl.PutIfInfomsg(&s.b, rtnl.IfInfomsg{Family: a.g.family})
	s.parse(a)
	if a.err != nil {
		return nil, a.err
	}
	switch {
	case s.all:
	case s.hasKind:
		s.putKind(a)
	case s.create:
		a.failf(exitMissing, `Not enough information: "type" argument is required`)
	}
	return &plan{[]step{s.request}}, a.err
}

// putKind reads the options behind "type KIND" into IFLA_LINKINFO.
func (s *linkState) putKind(a *args) {
	info := s.b.Nest(rtnl.IFLA_LINKINFO)
	s.b.StrN(rtnl.IFLA_INFO_KIND, s.kind)
	if a.more() {
		k := findKind(s.kind)
		s.k = k
		if k == nil || k.opts == nil && k.parse == nil {
			a.noOptions(s.kind, k)
			return
		}
		attr := rtnl.IFLA_INFO_DATA
		if k.slave {
			attr = rtnl.IFLA_INFO_SLAVE_DATA
		}
		data := s.b.Nest(attr)
		if k.parse != nil {
			k.parse(a, s, k)
		} else {
			parseKind(a, s, k)
		}
		s.b.End(data)
		if s.later != nil {
			before := s.late
			s.late = func(r *runner) error {
				if before != nil {
					if err := before(r); err != nil {
						return err
					}
				}
				p, err := s.b.Bytes()
				if err != nil {
					return err
				}
				index := int32(binary.NativeEndian.Uint32(p[ifiIndex:]))
				s.b.Reopen(info)
				s.b.Reopen(data)
				err = s.later(r, index)
				s.b.End(data)
				s.b.End(info)
				return err
			}
		}
	}
	s.b.End(info)
}

// noOptions fails: the kind has no options, or none that are known.
func (a *args) noOptions(name string, k *kind) {
	w := a.next()
	f := &failure{code: exitMissing, text: `Garbage instead of arguments "` + cli.Safe(w) + ` ...". Try "ip link help".`}
	switch {
	case matches(w, "help") && k != nil && k.help != "":
		f = &failure{code: exitMissing, text: k.usage()}
	case matches(w, "help"):
		f = a.usage()
	case k != nil:
		f.hint = "links of type " + k.name + " have no options of their own"
	default:
		f.hint = "options of links of type " + cli.Safe(name) + " are not known here; without any, the link can be made"
	}
	a.fail(f)
}

// parseLinkProperty reads "property add|del dev NAME altname NAME ...".
func parseLinkProperty(a *args) (*plan, error) {
	if !a.more() {
		return nil, a.usage()
	}
	q := &request{}
	switch w := a.next(); {
	case matches(w, "add"):
		rtnl.NewLinkProp(&q.b, 0)
	case matches(w, "del"):
		rtnl.DelLinkProp(&q.b, 0)
	case matches(w, "help"):
		return nil, a.usage()
	default:
		return nil, failf(exitUsage, "Operator required")
	}
	dev, has := "", false
	list := q.b.NestF(rtnl.IFLA_PROP_LIST)
	for a.more() {
		w := a.next()
		switch {
		case matches(w, "altname"):
			if w = a.next(); a.err == nil && !validName(w) {
				a.wrong(w, "not a valid altname")
			}
			q.b.Str(rtnl.IFLA_ALT_IFNAME, w)
		case matches(w, "help"):
			return nil, a.usage()
		default:
			if w == "dev" {
				w = a.next()
			}
			if has {
				a.garbage("dev", w)
			} else if a.err == nil && !validName(w) {
				a.wrong(w, `"dev" not a valid ifname`)
			}
			dev, has = w, true
		}
	}
	q.b.End(list)
	if a.err == nil && !has {
		a.failf(exitUsage, `Not enough of information: "dev" argument is required.`)
	}
	q.devAt(ifiIndex, dev, nil)
	return &plan{[]step{q}}, a.err
}
