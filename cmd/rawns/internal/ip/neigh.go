package ip

import (
	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// neighCommands is the object neighbour.
var neighCommands = commands{name: "ip neigh", none: parseNeighShow, where: neighWhere, rows: []command{
	{name: "add", usage: "ADDR dev DEVICE [ OPTIONS ]", opts: []*table{&neighTable}, parse: parseNeighModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, about: helps("make a neighbour")},
	{name: "change", usage: "ADDR dev DEVICE [ OPTIONS ]", parse: parseNeighModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_REPLACE, about: helps("change one that there is")},
	{name: "chg", exact: true, quiet: true, parse: parseNeighModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_REPLACE},
	{name: "replace", usage: "ADDR dev DEVICE [ OPTIONS ]", parse: parseNeighModify, typ: unix.RTM_NEWNEIGH, flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, about: helps("change it, or make it")},
	{name: "delete", usage: "ADDR dev DEVICE [ OPTIONS ]", parse: parseNeighModify, typ: unix.RTM_DELNEIGH, about: helps("remove one")},
	{name: "get", usage: "{ ADDR | proxy ADDR } dev DEVICE", parse: parseNeighGet, about: helps("show one")},
	{name: "show", usage: "[ SELECTOR ]", parse: parseNeighShow, about: helps("list neighbours")},
	{name: "lst", quiet: true, parse: parseNeighShow},
	{name: "list", quiet: true, parse: parseNeighShow},
	{name: "flush", usage: "SELECTOR", parse: parseNeighFlush, about: helps("remove all that are selected")},
}}

// neighTable holds the keywords of a change; "to", which may be left out, is no
// row.
var neighTable = table{name: "neigh", rows: []option{
	{name: "lladdr", val: valFunc, arg: "LLADDR", parse: neighLLAddr, about: helps("its link-layer address, or null")},
	{name: "nud", exact: true, val: valFunc, arg: "STATE", parse: neighNUD, about: helps("its state")},
	{name: "proxy", val: valFunc, arg: "ADDR", parse: neighProxy, about: helps("answer for this address")},
	{name: "router", exact: true, val: valFunc, parse: neighFlag, about: helps("it is a router")},
	{name: "use", exact: true, val: valFunc, parse: neighFlag, about: helps("the kernel resolves it at once")},
	{name: "managed", exact: true, val: valFunc, parse: neighFlag, about: helps("the kernel keeps it resolved")},
	{name: "extern_learn", val: valFunc, parse: neighFlag, about: helps("a controller has learnt it: it does not age")},
	{name: "dev", exact: true, val: valFunc, arg: "DEVICE", parse: neighDev, about: helps("where it is")},
	{name: "protocol", val: valFunc, arg: "PROTO", parse: neighProto, about: helps("who has made the entry")},
}}

// neighState is an "ip neigh add" and the like while its words are read.
type neighState struct {
	request
	h           rtnl.NdMsg
	ext         uint32 // NTF_EXT_
	dst         prefix
	hasDst      bool
	lladdr, dev string
	hasLLAddr   bool
	hasDev      bool
}

func neighLLAddr(a *args, st state, _ *option) {
	s, w := st.(*neighState), a.next()
	if s.hasLLAddr && a.err == nil {
		a.twice("lladdr", w)
	}
	s.lladdr, s.hasLLAddr = w, true
}

func neighNUD(a *args, st state, _ *option) {
	w := a.next()
	v, ok := nudState(w)
	if !ok && a.err == nil {
		a.wrong(w, "nud state is bad")
	}
	st.(*neighState).h.State = uint16(v)
}

// nudStates are the words for the states of a neighbour; the first ones may be
// shortened.
var nudStates = [...]struct {
	name  string
	short bool
	bit   uint32
}{
	{"permanent", true, unix.NUD_PERMANENT}, {"reachable", true, unix.NUD_REACHABLE}, {"noarp", false, unix.NUD_NOARP},
	{"none", false, unix.NUD_NONE}, {"stale", false, unix.NUD_STALE}, {"incomplete", false, unix.NUD_INCOMPLETE},
	{"delay", false, unix.NUD_DELAY}, {"probe", false, unix.NUD_PROBE}, {"failed", true, unix.NUD_FAILED},
}

// nudState reads the name of a state, or its number.
func nudState(w string) (uint32, bool) {
	for i := range nudStates {
		if n := &nudStates[i]; w == n.name || n.short && matches(w, n.name) {
			return n.bit, true
		}
	}
	v, ok := parseUint(w, 8)
	return uint32(v), ok && v&(v-1) == 0
}

func neighProxy(a *args, st state, _ *option) {
	s := st.(*neighState)
	if matches(a.peek(), "help") {
		a.fail(a.usage())
		return
	}
	s.h.Flags |= unix.NTF_PROXY
	if s.hasDst {
		a.twice("address", a.next())
		return
	}
	s.to(a)
}

// to reads the neighbour's address.
func (s *neighState) to(a *args) {
	s.dst, s.hasDst = a.addr(a.g.family), true
}

func neighFlag(_ *args, st state, o *option) {
	s := st.(*neighState)
	if bit, ok := rtnl.NeighFlags.Value(o.name); ok {
		s.h.Flags |= uint8(bit)
	}
	if bit, ok := rtnl.NeighExtFlags.Value(o.name); ok {
		s.ext |= bit
		s.h.State = unix.NUD_NONE // the kernel itself finds out
	}
}

func neighDev(a *args, st state, _ *option) {
	s := st.(*neighState)
	s.dev, s.hasDev = a.next(), true
}

func neighProto(a *args, st state, _ *option) {
	v := a.word(&protoNames, "\"protocol\" value is invalid\n", nil)
	st.req().b.U8(rtnl.NDA_PROTOCOL, uint8(v))
}

// parseNeighModify reads add, change, replace and delete.
func parseNeighModify(a *args) (*plan, error) {
	s := a.mem.neighState()
	s.h.State = unix.NUD_PERMANENT
	if a.cmd.typ == unix.RTM_NEWNEIGH {
		rtnl.NewNeigh(&s.b, a.cmd.flags, rtnl.NdMsg{})
	} else {
		rtnl.DelNeigh(&s.b, rtnl.NdMsg{})
	}
	for a.more() {
		if a.option(&neighTable, s, nil) {
			continue
		}
		if a.take("to") && !a.need() {
			break
		}
		if matches(a.peek(), "help") { // means nothing, as in iproute2
			if a.next(); !a.need() {
				break
			}
		}
		if s.hasDst {
			a.garbage("to", a.peek())
			break
		}
		s.to(a)
	}
	if a.err == nil && (!s.hasDev || !s.hasDst || s.dst.n == 0) {
		a.failf(exitUsage, "Device and destination are required arguments.")
	}
	if a.err == nil {
		s.finish(a)
	}
	if a.err != nil {
		return nil, a.err
	}
	s.ends = true
	return &plan{[]step{hinted{&s.request, neighHint}}}, s.b.Err()
}

// finish appends what follows from all the words together.
func (s *neighState) finish(a *args) {
	s.putIP(rtnl.NDA_DST, &s.dst)
	if s.ext != 0 {
		s.b.U32(rtnl.NDA_FLAGS_EXT, s.ext)
	}
	if s.hasLLAddr && s.lladdr != "null" {
		s.b.MAC(rtnl.NDA_LLADDR, a.lladdr(s.lladdr))
	}
	s.h.Family = s.dst.family
	s.patchNeigh(&s.h)
	s.devAt(neighIndexOff, s.dev, nil)
}

// neighIndexOff is where a request's ndm_ifindex stands.
const neighIndexOff = nl.HeaderLen + 4

// patchNeigh puts what the words have said into the fixed header.
func (q *request) patchNeigh(h *rtnl.NdMsg) {
	q.patch(0, h.Family)
	q.patch(8, uint8(h.State))
	q.patch(10, h.Flags)
}

// A neighGet is the step that asks for one neighbour.
type neighGet struct{ request }

// parseNeighGet reads what follows "ip neigh get".
func parseNeighGet(a *args) (*plan, error) {
	s := &neighState{}
	rtnl.GetNeigh(&s.b, rtnl.NdMsg{})
	for a.more() {
		switch w := a.peek(); {
		case a.take("dev"):
			s.dev, s.hasDev = a.next(), true
		case matches(w, "proxy"):
			a.next()
			neighProxy(a, s, nil)
		default:
			switch a.take("to"); {
			case !a.need():
			case matches(a.peek(), "help"):
				a.fail(a.usage())
			case s.hasDst:
				a.garbage("to", a.peek())
			default:
				s.to(a)
			}
		}
	}
	if a.err == nil && (!s.hasDev || !s.hasDst || s.dst.n == 0) {
		a.failf(exitMissing, "Device and address are required arguments.")
	}
	if a.err != nil {
		return nil, a.err
	}
	s.finish(a)
	return &plan{[]step{&neighGet{s.request}}}, s.b.Err()
}

func (s *neighGet) run(r *runner) error {
	if err := s.resolve(r); err != nil {
		return err
	}
	p := r.g.printer(r.out)
	p.json = false // iproute2 has no JSON for it
	var bad error
	err := hinted{&s.request, neighHint}.ask(r, func(m nl.Message) {
		var v neighView
		if bad = v.parse(m); bad == nil {
			p.neigh(r, m, &v, true)
		}
	})
	if err == nil {
		err = bad
	}
	return err
}

// neighHint is about a change of neighbours.
func neighHint(r *runner, e *nl.Error) string {
	n, err := rtnl.ParseNeigh(e.Request)
	if err != nil {
		return ""
	}
	dev := r.byIndex(n.Index)
	name := dev.name
	mac, hasMAC := n.Attrs.MAC(rtnl.NDA_LLADDR)
	switch {
	case e.Errno == unix.EEXIST:
		return `there is such a neighbour already, perhaps a learnt one: "ip neigh replace" makes or changes it`
	case e.Errno == unix.ENOENT && e.Type == unix.RTM_NEWNEIGH:
		return `there is no such neighbour: "ip neigh replace" makes or changes it`
	case e.Errno == unix.ENOENT && n.Flags&unix.NTF_PROXY != 0:
		return `"ip neigh show proxy dev ` + name + `" lists those that there are`
	case e.Errno == unix.ENOENT:
		return `"ip neigh show nud all dev ` + name + `" lists those that there are`
	case e.Errno == unix.EINVAL && hasMAC && dev.addrLen >= 0 && len(mac) != dev.addrLen:
		return "link-layer addresses of " + name + " have " + itoa(int32(dev.addrLen)) + " bytes, this one has " + itoa(int32(len(mac)))
	case e.Errno == unix.EINVAL && !hasMAC && n.State&(unix.NUD_PERMANENT|unix.NUD_NOARP|unix.NUD_REACHABLE|unix.NUD_STALE|unix.NUD_DELAY|unix.NUD_PROBE) != 0:
		return "an entry in this state needs its lladdr"
	}
	return ""
}

// neighWhere says what selects neighbours.
func neighWhere(o *cli.Out) {
	o.S(`
SELECTOR := [ proxy ] [ to PREFIX ] [ dev DEVICE ] [ nud { STATE | all } ]
            [ vrf NAME ] [ master DEVICE | nomaster ] [ unused ]
            [ protocol PROTO ]
STATE := {`)
	for i := range nudStates {
		if i > 0 {
			o.S(" |")
		}
		o.S(" ", nudStates[i].name)
	}
	o.S(" }")
}
