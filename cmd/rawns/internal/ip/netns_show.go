package ip

import (
	"errors"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

func parseNetnsList(a *args) (*plan, error) { return netnsStep(a, netnsList{}) }

// netnsList lists the names, with the numbers that the namespaces have here.
type netnsList struct{}

func (netnsList) run(r *runner) error {
	names, err := ns.List()
	if err != nil {
		return netnsFailure(exitMissing, err)
	}
	if names == nil {
		return nil // no directory: iproute2 does not even write "[]" then
	}
	p := r.g.printer(r.out)
	p.open()
	for _, name := range names {
		id, err := r.netnsID(name)
		if err != nil {
			return err
		}
		p.Obj("")
		p.Str("name", "", name, "")
		if id != ns.NoID {
			p.Int("id", " (id: ", int64(id), ")")
		}
		p.End()
		p.EndObj()
	}
	p.close()
	return nil
}

// netnsID returns the number of a named namespace in the one that the command
// is about, or ns.NoID. A file without a namespace is reported and has none.
func (r *runner) netnsID(name string) (int32, error) {
	n, err := ns.Open(name)
	if err != nil {
		if errors.Is(err, ns.ErrNotNetns) {
			r.warn(notNetns(0, err, refInvalid))
		}
		return ns.NoID, nil // gone meanwhile, or not for our eyes
	}
	defer n.Close()
	c, err := r.main()
	if err != nil {
		return ns.NoID, err
	}
	id, err := n.ID(c)
	if isErrno(err, unix.EOPNOTSUPP) { // before Linux 4.0
		return ns.NoID, nil
	}
	return id, err
}

// refInvalid is what the kernel says to the descriptor of a file that is no
// namespace.
const refInvalid = "Error: Peer netns reference is invalid."

// notNetns words ns.ErrNotNetns as what iproute2 says, which only notices when
// the kernel refuses the file.
func notNetns(code int, err error, text string) *failure {
	f := &failure{code: code, text: text}
	var e *ns.Error
	if errors.As(err, &e) {
		f.hint = e.Path + " is " + e.Hint()
	}
	f.hint = cli.Safe(f.hint)
	return f
}

func parseNetnsListID(a *args) (*plan, error) {
	s := &netnsListID{target: ns.NoID, id: ns.NoID}
	for a.more() {
		switch w := a.next(); w {
		case "target-nsid":
			s.target = a.netnsIDOnce(w, s.target)
		case "nsid":
			s.id = a.netnsIDOnce(w, s.id)
		default:
			return nil, a.usage()
		}
	}
	return netnsStep(a, s)
}

func (a *args) netnsIDOnce(keyword string, have int32) int32 {
	if have != ns.NoID {
		a.twice(keyword, keyword) // not the value: so it is in iproute2
	}
	w := a.next()
	if a.err != nil {
		return have
	}
	return netnsID(a, w, `"`+keyword+`" value is invalid`, `"`+keyword+`" value should be >= 0`)
}

// netnsListID lists the numbers of namespaces.
type netnsListID struct {
	target int32 // whose numbers: a namespace, by its number here; ns.NoID: ours
	id     int32 // only this one; ns.NoID: all
}

func (s *netnsListID) run(r *runner) error {
	names, err := r.netnsByID()
	if err != nil {
		return err
	}
	p := r.g.printer(r.out)
	show := func(m nl.Message) error { return showNSID(p, m, names) }
	var b nl.Builder
	rtnl.GetNSID(&b)
	if s.id != ns.NoID {
		b.S32(rtnl.NETNSA_NSID, s.id)
	}
	if s.target != ns.NoID {
		b.S32(rtnl.NETNSA_TARGET_NSID, s.target)
	}
	p.open()
	if s.id == ns.NoID {
		err = r.dump(&b, nil, show)
	} else {
		var c *nl.Conn
		if c, err = r.main(); err != nil {
			return err
		}
		var bad error
		err = c.Do(&b, func(m nl.Message) { bad = show(m) })
		err = errors.Join(err, bad)
	}
	var k *nl.Error
	switch {
	case isErrno(err, unix.EOPNOTSUPP):
		return failf(int(unix.ENOTSUP), "RTM_GETNSID is not supported by the kernel.")
	case s.id == ns.NoID && errors.As(err, &k):
		p.close()
		r.warn(err)
		return failf(exitMissing, "Dump terminated")
	case s.id != ns.NoID && err != nil:
		return err
	}
	p.close()
	return err
}

// netnsByID returns the names of the namespaces that have a number here; of
// several names the first.
func (r *runner) netnsByID() (map[int32]string, error) {
	names, err := ns.List()
	if err != nil {
		return nil, netnsFailure(exitMissing, err)
	}
	byID := map[int32]string{}
	for _, name := range names {
		id, err := r.netnsID(name)
		if err != nil {
			return nil, err
		}
		if _, have := byID[id]; !have && id != ns.NoID {
			byID[id] = name
		}
	}
	return byID, nil
}

func showNSID(p *printer, m nl.Message, names map[int32]string) error {
	as, err := rtnl.ParseNSID(m)
	if err != nil {
		return err
	}
	p.Obj("")
	id, _ := as.S32(rtnl.NETNSA_NSID)
	showID(p, "nsid", id)
	// The names are known by the numbers here. Where the numbers listed are
	// those of another namespace, the kernel says ours too.
	if here, ok := as.S32(rtnl.NETNSA_CURRENT_NSID); ok {
		showID(p, "current-nsid", here)
		id = here
	}
	if name, ok := names[id]; ok {
		p.Str("name", "(iproute2 netns name: ", name, ")")
	}
	p.End()
	p.EndObj()
	return nil
}

func showID(p *printer, key string, id int32) {
	if id < 0 {
		p.T(key, " unassigned ")
		return
	}
	p.Int(key, key+" ", int64(id), " ")
}

func parseNetnsIdentify(a *args) (*plan, error) {
	if !a.more() {
		return netnsStep(a, netnsIdentify(""))
	}
	pid := a.next()
	if a.more() {
		a.failf(exitMissing, "extra arguments specified")
	}
	for _, c := range []byte(pid) {
		if c < '0' || c > '9' {
			a.failf(exitMissing, "Specified string '", pid, "' is not a pid")
		}
	}
	return netnsStep(a, netnsIdentify(pid))
}

// netnsIdentify prints the name of the namespace in which a process is: the
// last of several, nothing but an empty line if it has none. "" is the process
// itself.
type netnsIdentify string

func (s netnsIdentify) run(r *runner) error {
	var n *ns.NS
	var err error
	switch {
	case s != "":
		n, err = ns.OpenPath("/proc/" + string(s) + "/ns/net")
	case r.g.netns != "": // where iproute2 would be itself
		n, err = openNetns(r.g.netns)
	default:
		n, err = ns.Current()
	}
	if err != nil {
		return cannotOpen(err)
	}
	defer n.Close()
	names, err := n.Names()
	if err != nil {
		return netnsFailure(exitMissing, err)
	}
	if len(names) > 0 {
		r.out.Safe(names[len(names)-1])
	}
	r.out.NL()
	return nil
}

// cannotOpen is netnsFailure where iproute2 leaves the name out.
func cannotOpen(err error) error {
	var e *ns.Error
	if !errors.As(err, &e) {
		return netnsFailure(exitMissing, err)
	}
	return &failure{code: exitMissing, text: "Cannot open network namespace: " + cli.Strerror(cli.Errno(e)), hint: e.Hint()}
}

func parseNetnsPids(a *args) (*plan, error) {
	name := netnsName(a, "No netns name specified")
	if a.more() {
		a.failf(exitMissing, "extra arguments specified")
	}
	return netnsStep(a, netnsPids(name))
}

// netnsPids lists the processes in a namespace.
type netnsPids string

func (s netnsPids) run(r *runner) error {
	n, err := ns.Open(string(s))
	if errors.Is(err, ns.ErrNotNetns) {
		r.warn(notNetns(0, err, ""))
		return nil // iproute2 looks for processes in it, and finds none
	}
	if err != nil {
		return cannotOpen(err)
	}
	defer n.Close()
	pids, err := n.Pids()
	if err != nil {
		return netnsFailure(exitMissing, err)
	}
	for _, pid := range pids {
		r.out.D(int64(pid)).NL()
	}
	return nil
}
