package ip

import (
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// ifaCount is how many IFA_ numbers are known, 0 included.
const ifaCount = int(rtnl.IFA_PROTO) + 1

// addr writes an address; name is its link's, which withDev writes as well.
// Brief is no more than the address, in text followed by a blank.
func (p *printer) addr(a *rtnl.Addr, name string, withDev, brief bool) {
	var at [ifaCount]nl.Attr
	a.Attrs.Index(at[:])
	flags := uint32(a.IfAddrmsg.Flags)
	if v, ok := at[rtnl.IFA_FLAGS].U32(); ok {
		flags = v
	}
	local, address := at[rtnl.IFA_LOCAL], at[rtnl.IFA_ADDRESS]
	if !local.Present() {
		local = address
	}
	if !brief {
		if withDev {
			p.Int("index", "", int64(a.Index), ": ")
			p.Str("dev", "", name, "")
		}
		if s := familyName(a.Family); s != "???" {
			p.Str("family", "    ", s, " ")
		} else {
			p.Int("family_index", "    family ", int64(a.Family), " ")
		}
	}
	if local.Present() {
		p.in(familyColor(a.Family)).addrText("local", a.Family, local.Bytes(), "")
		if address.Present() && string(address.Bytes()) != string(local.Bytes()) {
			p.T(" peer ")
			p.in(familyColor(a.Family)).addrText("address", a.Family, address.Bytes(), "")
		}
		p.Int("prefixlen", "/", int64(a.PrefixLen), " ")
		if v, ok := at[rtnl.IFA_RT_PRIORITY].U32(); ok {
			p.Uint("metric", "metric ", uint64(v), " ")
		}
	}
	if brief {
		return
	}
	if b := at[rtnl.IFA_BROADCAST]; b.Present() {
		p.T("brd ")
		p.in(familyColor(a.Family)).addrText("broadcast", a.Family, b.Bytes(), " ")
	}
	if b := at[rtnl.IFA_ANYCAST]; b.Present() {
		p.T("any ")
		p.in(familyColor(a.Family)).addrText("anycast", a.Family, b.Bytes(), " ")
	}
	p.Str("scope", "scope ", scopeNames.name(uint32(a.Scope), p.num), " ")
	p.addrFlags(a.Family, flags)
	if l := at[rtnl.IFA_LABEL]; l.Present() {
		p.Str("label", "", string(l.Str()), "")
	}
	if at[rtnl.IFA_CACHEINFO].Present() {
		t, _ := a.Lifetimes()
		p.NL()
		p.T("       valid_lft ")
		p.lifetime("valid_life_time", t.Valid, false)
		p.T(" preferred_lft ")
		p.lifetime("preferred_life_time", t.Preferred, flags&unix.IFA_F_DEPRECATED != 0)
	}
	p.End()
}

func (p *printer) addrFlags(family uint8, flags uint32) {
	for i := range addrFlags {
		f := &addrFlags[i]
		switch {
		case f.bit == unix.IFA_F_PERMANENT:
			if flags&f.bit == 0 {
				p.Flag("dynamic", "dynamic ")
			}
		case flags&f.bit == 0:
		case f.bit == unix.IFA_F_SECONDARY && family == unix.AF_INET6:
			p.Flag("temporary", "temporary ")
		default:
			p.Flag(f.name, f.name+" ")
		}
		flags &^= f.bit
	}
	if flags != 0 {
		s := strconv.FormatUint(uint64(flags), 16)
		if len(s) < 2 {
			s = "0" + s
		}
		p.Str("ifa_flags", "flags ", s, " ")
	}
}

// lifetime writes seconds. What is left of a preferred lifetime that is over
// counts below zero.
func (p *printer) lifetime(k string, secs uint32, over bool) {
	switch {
	case secs == rtnl.Forever:
		p.JUint(k, uint64(secs))
		p.T("forever")
	case over:
		p.Int(k, "", int64(int32(secs)), "sec")
	default:
		p.Uint(k, "", uint64(secs), "sec")
	}
}

// addrReply is what shows the address that answers a request.
func (p *printer) addrReply(r *runner, m nl.Message) {
	p.Obj("")
	if a, err := rtnl.ParseAddr(m); err == nil {
		if m.Type() == unix.RTM_DELADDR {
			p.Flag("deleted", "Deleted ")
		}
		p.addr(&a, r.name(a.Index), true, r.g.brief)
	}
	p.EndObj()
}

// flushRounds is the failure of a flush that does not come to its end.
func flushRounds(n int) *failure {
	return failf(exitUsage, "*** Flush remains incomplete after "+strconv.Itoa(n)+" rounds. ***")
}

// runFlush deletes what is listed until nothing is listed.
func (s *addrShow) runFlush(r *runner) error {
	f := &s.f
	links, err := f.meant(r)
	if err != nil {
		return err
	}
	// Deleting primary addresses may make secondary ones primary: those are
	// not meant then.
	once := f.mask&unix.IFA_F_SECONDARY != 0 && f.flags&unix.IFA_F_SECONDARY == 0
	for round := 0; r.g.loops == 0 || round < r.g.loops; {
		n, err := s.flushRound(r, links)
		if err != nil {
			return err
		}
		if n == 0 {
			flushDone(r, round)
			return nil
		}
		round++
		if r.g.stats > 0 {
			flushRoundDone(r, round, n, "addresses")
		}
		if once {
			flushDone(r, round)
			return nil
		}
	}
	return flushRounds(r.g.loops)
}

// meant returns the links that a flush is restricted to by more than one name;
// nil for no such restriction.
func (f *addrFilter) meant(r *runner) (map[int32]bool, error) {
	if !f.up && !f.hasMaster && !f.noMaster && !f.hasGroup && f.kind == "" && f.slaveKind == "" {
		return nil, nil
	}
	set := map[int32]bool{}
	err := f.eachLink(r, func(l rtnl.Link) error {
		if f.match(&l) {
			set[l.Index] = true
		}
		return nil
	})
	if err == nl.ErrDumpInterrupted {
		err = nil
	}
	return set, err
}

// flushRound deletes what is listed, once, and returns how much that was.
func (s *addrShow) flushRound(r *runner, links map[int32]bool) (n int, err error) {
	f := &s.f
	var b, del nl.Builder
	rtnl.GetAddr(&b, f.family, f.index)
	p := r.g.printer(r.out)
	p.json = false
	err = r.dump(&b, nil, func(m nl.Message) error {
		a, err := rtnl.ParseAddr(m)
		if err != nil {
			return notMine(err)
		}
		name := ""
		if f.hasLabel || r.g.stats > 1 {
			name = r.name(a.Index)
		}
		if m.Type() != unix.RTM_NEWADDR || links != nil && !links[a.Index] || !f.passes(&a, name) {
			return nil
		}
		appendDelete(&del, m, unix.RTM_DELADDR)
		if r.g.stats > 1 {
			p.addr(&a, name, true, r.g.brief)
		}
		return nil
	})
	if err != nil && err != nl.ErrDumpInterrupted {
		if k, ok := err.(*nl.Error); ok {
			err = refusalAnd(k, exitMissing, "Flush terminated")
		}
		return 0, err
	}
	// The kernel may delete secondary addresses along with their primary one.
	return del.Len(), sendFlush(r, &del, exitUsage, unix.EADDRNOTAVAIL)
}
