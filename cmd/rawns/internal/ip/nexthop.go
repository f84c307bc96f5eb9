//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// The object nexthop: next hops that routes refer to by a number.

// nexthopCommands is the object nexthop.
var nexthopCommands = commands{name: "ip nexthop", none: parseNexthopList, where: nexthopWhere, rows: []command{
	{name: "add", usage: "id ID NH [ protocol PROTO ]", opts: []*table{&nexthopTable}, parse: parseNexthopModify, typ: unix.RTM_NEWNEXTHOP, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("make a next hop, or a group")},
	{name: "replace", usage: "id ID NH [ protocol PROTO ]", opts: []*table{&nexthopTable}, parse: parseNexthopModify, typ: unix.RTM_NEWNEXTHOP, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("change it, or make it")},
	{name: "delete", usage: "id ID", parse: parseNexthopModify, typ: unix.RTM_DELNEXTHOP, about: helps("remove one")},
	{name: "list", usage: "[ SELECTOR ]", parse: parseNexthopList, about: helps("list next hops")},
	{name: "show", usage: "[ SELECTOR ]", parse: parseNexthopList, about: helps("the same")},
	{name: "lst", quiet: true, parse: parseNexthopList},
	{name: "get", usage: "id ID", parse: parseNexthopGet, about: helps("show one")},
	{name: "flush", usage: "[ SELECTOR ]", parse: parseNexthopFlush, about: helps("remove all that are selected")},
	{name: "bucket", usage: "{ { list | show } [ BUCKET_SELECTOR ] | get id ID index INDEX }", parse: parseBucket, about: helps("show which next hop each bucket of a resilient group has")},
}}

func nexthopWhere(o *cli.Out) {
	o.S(`
SELECTOR := [ id ID ] [ dev DEVICE ] [ vrf NAME ] [ master DEVICE ] [ groups ]
            [ fdb ] [ protocol NUMBER ]
BUCKET_SELECTOR := [ id ID ] [ nhid ID ] [ dev DEVICE ] [ vrf NAME ] [ master DEVICE ]
GROUP := id[,weight][/id[,weight]]...
TYPE := { mpath | resilient [ buckets NUMBER ] [ idle_timer SECONDS ]
          [ unbalanced_timer SECONDS ] }`)
	encapWhere(o)
}

// nexthopTable holds the keywords of a change.
var nexthopTable = table{name: "nexthop", called: "NH", rows: []option{
	{name: "id", exact: true, val: valU32, attr: uint16(rtnl.NHA_ID), arg: "ID", says: &saying{wrong: "invalid id value"}, about: helps("the number that routes name it by")},
	{name: "dev", exact: true, val: valFunc, arg: "DEVICE", parse: nexthopDev, about: helps("the link to send by")},
	{name: "via", exact: true, val: valFunc, arg: "[ FAMILY ] ADDRESS", parse: nexthopVia, about: helps("the next router")},
	{name: "encap", exact: true, val: valFunc, arg: "ENCAPTYPE ENCAPHDR", parse: nexthopEncap, about: helps("what to wrap packets in")},
	{name: "blackhole", exact: true, val: valFunc, parse: nexthopBlackhole, about: helps("throw packets away")},
	{name: "fdb", exact: true, val: valNone, attr: uint16(rtnl.NHA_FDB), about: helps("for entries of VXLAN links")},
	{name: "onlink", exact: true, val: valFunc, parse: nexthopOnlink, about: helps("the router is reachable, whatever the addresses say")},
	{name: "group", exact: true, val: valFunc, arg: "GROUP", parse: nexthopGroup, about: helps("one of these, by weight")},
	{name: "type", exact: true, val: valFunc, arg: "TYPE", parse: nexthopType, about: helps("how a group chooses")},
	{name: "protocol", val: valFunc, arg: "PROTO", says: &saying{wrong: "\"protocol\" value is invalid\n"}, parse: nexthopProto, about: helps("who made it")},
}}

// nexthopState is an "ip nexthop add" and the like while its words are read.
type nexthopState struct {
	request
	h rtnl.NhMsg // put into the request when all words are read
}

// is makes the family that of an address, if it is open yet.
func (s *nexthopState) is(family uint8) {
	if s.h.Family == unix.AF_UNSPEC {
		s.h.Family = family
	}
}

// noSuchDevice is noDevice for a value.
func noSuchDevice(name string) *failure {
	return failf(exitUsage, `Error: argument "`, name, "\" is wrong: Device does not exist\n")
}

func nexthopDev(a *args, st state, _ *option) {
	s := st.(*nexthopState)
	w := a.next()
	s.dev(rtnl.NHA_OIF, w, noSuchDevice(w))
	s.is(unix.AF_INET)
}

func nexthopVia(a *args, st state, _ *option) {
	s := st.(*nexthopState)
	family := a.viaFamily(s.h.Family)
	w := a.peek()
	p := a.addr(family)
	s.is(p.family)
	if p.family != s.h.Family && a.err == nil {
		a.wrong(w, "address family mismatch\n")
	}
	s.putIP(rtnl.NHA_GATEWAY, &p)
}

func nexthopEncap(a *args, st state, _ *option) {
	a.encap(st.req(), rtnl.NHA_ENCAP, rtnl.NHA_ENCAP_TYPE)
}

func nexthopBlackhole(_ *args, st state, _ *option) {
	s := st.(*nexthopState)
	s.b.Flag(rtnl.NHA_BLACKHOLE)
	s.is(unix.AF_INET)
}

func nexthopOnlink(_ *args, st state, _ *option) { st.(*nexthopState).h.Flags |= unix.RTNH_F_ONLINK }

// struct nexthop_grp, linux/nexthop.h: a member of a group.
const (
	groupLen    = 8 // sizeof
	groupWeight = 4 // offset: the weight less one; behind it 3 bytes unused. A u32 at 0 is the id
)

// nexthopGroup reads "ID[,WEIGHT]/...".
func nexthopGroup(a *args, st state, _ *option) {
	w := a.next()
	if a.err != nil {
		return
	}
	var list []byte
	for part := range strings.SplitSeq(w, "/") {
		word, weight, weighed := strings.Cut(part, ",")
		id, ok := parseUint(word, 32)
		if !ok {
			first, _, _ := strings.Cut(w, "/")
			first, _, _ = strings.Cut(first, ",")
			a.wrong(first, "\"group\" value is invalid\n")
			return
		}
		var g [groupLen]byte
		binary.NativeEndian.PutUint32(g[:], uint32(id))
		if weighed {
			n, ok := parseUint(weight, 32)
			if !ok || n == 0 || n > 256 {
				a.wrong(weight, "\"weight\" is invalid\n")
				return
			}
			g[groupWeight] = uint8(n - 1)
		}
		list = append(list, g[:]...)
	}
	st.req().b.Blob(rtnl.NHA_GROUP, list)
}

// nexthopType reads "mpath", or "resilient" and what follows it.
func nexthopType(a *args, st state, _ *option) {
	q := st.req()
	w := a.next()
	v, ok := rtnl.NexthopGroupTypes.Value(w)
	if !ok {
		if a.err == nil {
			a.wrong(w, "\"type\" value is invalid\n")
		}
		return
	}
	if w == "resilient" && a.more() {
		n := q.b.NestF(rtnl.NHA_RES_GROUP)
		for resilientArg(a, q) {
		}
		q.b.End(n)
	}
	q.b.U16(rtnl.NHA_GROUP_TYPE, uint16(v))
}

func resilientArg(a *args, q *request) bool {
	timer := func(at nl.AttrU32, wrong string) bool {
		a.next()
		w := a.next()
		v, ok := parseUint(w, 32)
		if (!ok || v >= (1<<32-1)/100) && a.err == nil {
			a.wrong(w, wrong)
		}
		q.b.U32(at, uint32(v)*100)
		return true
	}
	switch a.peek() {
	case "buckets":
		a.next()
		q.b.U16(rtnl.NHA_RES_GROUP_BUCKETS, a.uint16("invalid buckets value"))
		return true
	case "idle_timer":
		return timer(rtnl.NHA_RES_GROUP_IDLE_TIMER, "invalid idle timer value")
	case "unbalanced_timer":
		return timer(rtnl.NHA_RES_GROUP_UNBALANCED_TIMER, "invalid unbalanced timer value")
	}
	return false
}

func nexthopProto(a *args, st state, o *option) {
	st.(*nexthopState).h.Protocol = uint8(a.named(&protoNames, o))
}

// parseNexthopModify reads add, replace and delete.
func parseNexthopModify(a *args) (*plan, error) {
	s := &nexthopState{h: rtnl.NhMsg{Family: a.g.family}}
	if a.cmd.typ == unix.RTM_NEWNEXTHOP {
		rtnl.NewNexthop(&s.b, a.cmd.flags, rtnl.NhMsg{})
	} else {
		rtnl.DelNexthop(&s.b, rtnl.NhMsg{})
	}
	for a.more() {
		if a.option(&nexthopTable, s, nil) {
			continue
		}
		if w := a.next(); w == "help" {
			a.fail(a.usage())
		} else {
			a.wrong(w, "")
		}
	}
	s.patch(0, s.h.Family)
	s.patch(2, s.h.Protocol)
	s.b.PutU32(nl.HeaderLen+4, s.h.Flags)
	if a.err != nil {
		return nil, a.err
	}
	q := hinted{&s.request, nexthopHint}
	if a.g.echo {
		s.setFlags(unix.NLM_F_ECHO)
		return &plan{[]step{&echo{q, (*printer).nexthopReply}}}, s.b.Err()
	}
	return &plan{[]step{q}}, s.b.Err()
}

// nexthopHint is about a change of next hops.
func nexthopHint(r *runner, e *nl.Error) string {
	v, err := rtnl.ParseNexthop(e.Request)
	if err != nil {
		return ""
	}
	if h := encapHint(e); h != "" {
		return h
	}
	_, hasDev := v.Attrs.U32(rtnl.NHA_OIF)
	_, hasGateway := v.Attrs.IP(rtnl.NHA_GATEWAY)
	switch {
	case e.Errno == unix.ENOENT && e.Type == unix.RTM_DELNEXTHOP, e.Text == "Invalid nexthop id":
		return `"ip nexthop" lists the next hops that there are`
	case e.Errno == unix.EEXIST:
		return `there is one of this id already: "ip nexthop replace" changes it`
	case e.Errno == unix.ENETDOWN && hasDev:
		dev, _ := v.Attrs.U32(rtnl.NHA_OIF)
		return downHint(r.name(int32(dev)), e)
	case hasGateway && (e.Errno == unix.ENETUNREACH || e.Errno == unix.EHOSTUNREACH || e.Text == "Nexthop has invalid gateway"):
		return gatewayHint
	case hasGateway && !hasDev && e.Errno == unix.EINVAL:
		return "the device must be named: dev DEVICE"
	}
	return ""
}

// nexthopID takes the number of a next hop.
func (a *args) nexthopID() uint32 { return a.uint32("invalid id value") }

// uint16 takes a number of 16 bits.
func (a *args) uint16(wrong string) uint16 {
	w := a.next()
	v, ok := parseUint(w, 16)
	if !ok && a.err == nil {
		a.wrong(w, wrong)
	}
	return uint16(v)
}

// nexthopShow is the step that lists next hops, or buckets, or flushes.
type nexthopShow struct {
	family      uint8
	id, nhid    uint32 // of buckets
	dev, master string
	isVRF       bool
	groups, fdb bool
	proto       uint8 // 0: any
	bucket      bool
	flush, all  bool

	index, masterIndex int32 // when run
}

func parseNexthopList(a *args) (*plan, error) { return parseNexthopShow(a, &nexthopShow{}) }
func parseNexthopFlush(a *args) (*plan, error) {
	return parseNexthopShow(a, &nexthopShow{flush: true, all: !a.more()})
}

func parseNexthopShow(a *args, s *nexthopShow) (*plan, error) {
	s.family = a.g.family
	for a.more() {
		switch w := a.next(); {
		case matches(w, "dev"):
			s.dev = a.nexthopDevice(noSuchDevice)
		case matches(w, "groups") && !s.bucket:
			s.groups = true
		case matches(w, "master"):
			s.master, s.isVRF = a.nexthopDevice(noSuchDevice), false
		case matches(w, "vrf"):
			s.master, s.isVRF = a.nexthopDevice(noSuchVRF), true
		case w == "id" && s.bucket:
			s.id = a.nexthopID()
		case w == "id":
			id := a.nexthopID() // words behind it are not read
			if s.flush {
				return &plan{[]step{nexthopDelete(id)}}, a.err
			}
			return planNexthopGet(a, id)
		case w == "nhid" && s.bucket:
			s.nhid = a.nexthopID()
		case matches(w, "protocol") && !s.bucket:
			s.proto = uint8(a.uint32("invalid protocol value"))
		case matches(w, "fdb") && !s.bucket:
			s.fdb = true
		case matches(w, "help"):
			a.fail(a.usage())
		default:
			a.wrong(w, "")
		}
	}
	return &plan{[]step{s}}, a.err
}

// nexthopDevice takes the name of an interface, which may not be empty.
func (a *args) nexthopDevice(missing func(string) *failure) string {
	w := a.next()
	if w == "" && a.err == nil {
		a.fail(missing(w))
	}
	return w
}

func (s *nexthopShow) resolve(r *runner) error {
	if s.dev != "" {
		d, err := r.device(s.dev)
		if err != nil {
			return err
		}
		if d.index == 0 {
			return noSuchDevice(s.dev)
		}
		s.index = d.index
	}
	if s.master == "" {
		return nil
	}
	d, err := r.device(s.master)
	switch {
	case err != nil:
		return err
	case s.isVRF && (d.index == 0 || !r.isVRF(d.index)):
		return noSuchVRF(s.master)
	case d.index == 0:
		return noSuchDevice(s.master)
	}
	s.masterIndex = d.index
	return nil
}

// request makes the dump request.
func (s *nexthopShow) request(b *nl.Builder) {
	if s.bucket {
		rtnl.GetNexthopBucket(b, s.family)
	} else {
		rtnl.GetNexthop(b, s.family)
	}
	if s.index != 0 {
		b.U32(rtnl.NHA_OIF, uint32(s.index))
	}
	if s.groups {
		b.Flag(rtnl.NHA_GROUPS)
	}
	if s.masterIndex != 0 {
		b.U32(rtnl.NHA_MASTER, uint32(s.masterIndex))
	}
	if s.fdb {
		b.Flag(rtnl.NHA_FDB)
	}
	if s.id != 0 {
		b.U32(rtnl.NHA_ID, s.id)
	}
	if s.nhid != 0 {
		n := b.NestF(rtnl.NHA_RES_BUCKET)
		b.U32(rtnl.NHA_RES_BUCKET_NH_ID, s.nhid)
		b.End(n)
	}
}

func (s *nexthopShow) run(r *runner) error {
	if err := s.resolve(r); err != nil {
		return err
	}
	if s.flush {
		return s.runFlush(r)
	}
	var b nl.Builder
	s.request(&b)
	p := r.g.printer(r.out)
	p.open()
	err := r.dump(&b, nil, func(m nl.Message) error {
		if s.bucket {
			return notMine(p.bucket(m))
		}
		v, err := rtnl.ParseNexthop(m)
		if err == nil && (s.proto == 0 || v.Protocol == s.proto) {
			p.nexthopLine(r, m, &v)
		}
		return notMine(err)
	})
	p.close()
	return nexthopTerminated(err, "Dump terminated")
}

func nexthopTerminated(err error, after string) error {
	var k *nl.Error
	if errors.As(err, &k) {
		return refusalAnd(k, exitKernel, after)
	}
	return err
}

// nexthopDelete is the step that deletes one next hop.
type nexthopDelete uint32

func (id nexthopDelete) run(r *runner) error {
	err := deleteNexthop(r, uint32(id))
	var k *nl.Error
	if errors.As(err, &k) {
		f := refusalAnd(k, exitMissing, "")
		f.text = strings.TrimSuffix(f.text, "\n")
		return f
	}
	return err
}

func deleteNexthop(r *runner, id uint32) error {
	c, err := r.aside()
	if err != nil {
		return err
	}
	var b nl.Builder
	rtnl.DelNexthop(&b, rtnl.NhMsg{})
	b.U32(rtnl.NHA_ID, id)
	return c.Do(&b, nil)
}

// runFlush deletes what is listed: of all next hops the groups come first, as
// they would go with their last member.
func (s *nexthopShow) runFlush(r *runner) error {
	n := 0
	err := error(nil)
	for s.groups = s.groups || s.all; ; s.groups = false {
		var b nl.Builder
		s.request(&b)
		err = r.dump(&b, nil, func(m nl.Message) error {
			v, err := rtnl.ParseNexthop(m)
			id, ok := v.Attrs.U32(rtnl.NHA_ID)
			if err != nil || !ok || s.proto != 0 && v.Protocol != s.proto {
				return notMine(err)
			}
			if err := deleteNexthop(r, id); err != nil {
				r.warn(err)
			} else {
				n++
			}
			return nil
		})
		if err != nil || !s.all || !s.groups {
			break
		}
	}
	if n == 0 {
		r.out.S("Nothing to flush\n")
	} else {
		r.out.S("Flushed ").D(int64(n)).S(" nexthops\n")
	}
	return nexthopTerminated(err, "Dump terminated. Failed to flush nexthops")
}

// nexthopGet is the step that asks for one next hop, or one bucket.
type nexthopGet struct {
	request
	bucket bool
}

func planNexthopGet(a *args, id uint32) (*plan, error) {
	s := &nexthopGet{}
	getNexthop(&s.b, a.g.family, id)
	return &plan{[]step{s}}, a.err
}

func getNexthop(b *nl.Builder, family uint8, id uint32) {
	rtnl.GetNexthop(b, family)
	b.U32(rtnl.NHA_ID, id)
}

func parseNexthopGet(a *args) (*plan, error) {
	id := uint32(0)
	for a.more() {
		if a.next() != "id" {
			return nil, a.usage()
		}
		id = a.nexthopID()
	}
	if a.err == nil && id == 0 {
		return nil, a.usage()
	}
	return planNexthopGet(a, id)
}

func (s *nexthopGet) run(r *runner) error {
	var answer nl.Message
	err := r.do(&s.request, func(m nl.Message) {
		if answer == nil {
			answer = append(nl.Message(nil), m...)
		}
	})
	if err != nil {
		return err
	}
	p := r.g.printer(r.out)
	p.open()
	defer p.close()
	if s.bucket {
		return p.bucket(answer)
	}
	v, err := rtnl.ParseNexthop(answer)
	if err == nil {
		p.nexthopLine(r, answer, &v)
	}
	return err
}

// parseBucket reads what follows "ip nexthop bucket".
func parseBucket(a *args) (*plan, error) {
	show := &nexthopShow{bucket: true}
	if !a.more() {
		return parseNexthopShow(a, show)
	}
	switch w := a.next(); {
	case matches(w, "list"), matches(w, "show"), matches(w, "lst"):
		return parseNexthopShow(a, show)
	case matches(w, "get"):
		return parseBucketGet(a)
	case matches(w, "help"):
		return nil, a.usage()
	default:
		return nil, failf(exitUsage, `Command "`, w, `" is unknown, try "ip nexthop help".`)
	}
}

func parseBucketGet(a *args) (*plan, error) {
	id, index, indexed := uint32(0), uint16(0), false
	for a.more() {
		switch a.next() {
		case "id":
			id = a.nexthopID()
		case "index":
			index, indexed = a.uint16("invalid bucket index value"), true
		default:
			return nil, a.usage()
		}
	}
	if a.err == nil && (id == 0 || !indexed) {
		return nil, a.usage()
	}
	s := &nexthopGet{bucket: true}
	rtnl.GetNexthopBucket(&s.b, a.g.family)
	s.b.U32(rtnl.NHA_ID, id)
	n := s.b.NestF(rtnl.NHA_RES_BUCKET)
	s.b.U16(rtnl.NHA_RES_BUCKET_INDEX, index)
	s.b.End(n)
	return &plan{[]step{s}}, a.err
}
