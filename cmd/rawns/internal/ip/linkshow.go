package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// linkFilter says which links are meant.
type linkFilter struct {
	dev       string
	hasDev    bool
	up        bool
	noMaster  bool
	master    string // a device, or, with vrf, a VRF
	hasMaster bool
	vrf       bool
	group     uint32
	hasGroup  bool
	kind      string // "veth"
	slaveKind string // "bridge", for the ports of bridges

	masterIndex int32 // of master, when run
}

// linkShow is the step that lists links.
type linkShow struct {
	filter linkFilter
}

// parseLinkShow reads the filters of "ip link show".
func parseLinkShow(a *args) (*plan, error) {
	s := &linkShow{}
	for a.more() {
		if s.filter.parse(a) {
			continue
		}
		w := a.next()
		if w == "dev" {
			w = a.next()
		} else if matches(w, "help") {
			return nil, a.usage()
		}
		if a.err == nil && s.filter.hasDev {
			a.garbage("dev", w)
		}
		s.filter.dev, s.filter.hasDev = w, true
	}
	return &plan{[]step{s}}, a.err
}

// parse reads one of the filters that links and their addresses share, other
// than the device; false if the next word is none.
func (f *linkFilter) parse(a *args) bool {
	switch a.peek() {
	case "up":
		a.next()
		f.up = true
	case "group":
		a.next()
		w := a.next()
		if a.err != nil {
			break
		}
		var ok bool
		if f.group, ok = groups.value(w); !ok {
			a.wrong(w, "Invalid \"group\" value\n")
		}
		f.hasGroup = true
	case "master", "vrf":
		f.vrf = a.next() == "vrf"
		f.master, f.hasMaster, f.noMaster = a.next(), true, false
	case "nomaster":
		a.next()
		f.noMaster, f.hasMaster = true, false
	case "type":
		a.next()
		w := a.next()
		if n := len(w) - len("_slave"); n >= 0 && w[n:] == "_slave" {
			f.slaveKind = w[:n]
		} else {
			f.kind = w
		}
	default:
		return false
	}
	return true
}

// resolve looks up what the filter names, other than the device.
func (f *linkFilter) resolve(r *runner) error {
	if !f.hasMaster {
		return nil
	}
	d, err := r.device(f.master)
	if err != nil {
		return err
	}
	if f.vrf && (d.index == 0 || !r.isVRF(d.index)) {
		return notVRF(f.master)
	}
	if d.index == 0 {
		return failf(exitUsage, `Error: argument "`, f.master, "\" is wrong: Device does not exist\n")
	}
	f.masterIndex = d.index
	return nil
}

// request appends to a GETLINK what the kernel itself filters by.
func (f *linkFilter) request(b *nl.Builder) {
	if f.masterIndex != 0 {
		b.U32(rtnl.IFLA_MASTER, uint32(f.masterIndex))
	} else if f.noMaster {
		b.S32(nl.AttrS32(rtnl.IFLA_MASTER), -1)
	}
	if f.kind != "" {
		n := b.Nest(rtnl.IFLA_LINKINFO)
		b.StrN(rtnl.IFLA_INFO_KIND, f.kind)
		b.End(n)
	}
}

// match tells whether a link is meant, once more also by what the kernel may
// have filtered by already.
func (f *linkFilter) match(l *rtnl.Link) bool {
	if f.up && l.Flags&unix.IFF_UP == 0 {
		return false
	}
	if f.hasGroup {
		if g, ok := l.Attrs.U32(rtnl.IFLA_GROUP); ok && g != f.group {
			return false
		}
	}
	if f.hasMaster || f.noMaster {
		m, _ := l.Attrs.U32(rtnl.IFLA_MASTER)
		if int32(m) != f.masterIndex {
			return false
		}
	}
	if f.kind != "" && string(l.Kind()) != f.kind {
		return false
	}
	if f.slaveKind != "" {
		k, _ := l.Attrs.Nest(rtnl.IFLA_LINKINFO).StrN(rtnl.IFLA_INFO_SLAVE_KIND)
		return string(k) == f.slaveKind
	}
	return true
}

func (s *linkShow) run(r *runner) error {
	f := &s.filter
	if err := f.resolve(r); err != nil {
		return err
	}
	mask := uint32(rtnl.ExtVF)
	if r.g.stats == 0 {
		mask |= rtnl.ExtSkipStats
	}
	p := &linkPrinter{printer: r.g.printer(r.out), r: r, g: r.g, family: unix.AF_PACKET, link: true}
	if f.hasDev {
		return s.one(r, p, mask)
	}
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{Family: unix.AF_PACKET})
	b.U32(rtnl.IFLA_EXT_MASK, mask)
	f.request(&b)
	p.open()
	err := r.dump(&b, r.remember, func(m nl.Message) error {
		l, err := rtnl.ParseLinkIndex(m, p.tb[:])
		if err == nil {
			p.indexed(f, l)
		}
		return err
	})
	p.close()
	return err
}

// one shows a single link, which is asked for by its name.
func (s *linkShow) one(r *runner, p *linkPrinter, mask uint32) error {
	name := s.filter.dev
	c, err := r.main()
	if err != nil {
		return err
	}
	found := false
	show := func(l rtnl.Link) {
		found = true
		p.open()
		p.entry(&s.filter, l)
		p.close()
	}
	for try := 0; try < 2 && canExist(name); try++ {
		err = rtnl.LinkByName(c, name, mask, show)
		var cut *nl.TruncatedError // the next answer fits: a link with very many names, or functions
		if !errors.As(err, &cut) {
			break
		}
	}
	if n, ok := byIndexName(name); ok && !found {
		err = rtnl.LinkByIndex(c, n, mask, show)
	}
	if !found && (err == nil || isErrno(err, unix.ENODEV)) {
		return failf(exitMissing, `Device "`, name, `" does not exist.`)
	}
	return err
}
