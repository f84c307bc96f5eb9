package topo

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// teardown removes links of the calling thread's namespace, and named
// namespaces, both given in the order in which they are to go, and returns when
// the kernel is done with them. What is gone already is fine; what is not any
// more what was made is left alone and returned, as is what could not be removed.
//
// Bridges, and links that lead nowhere, go first. A veth that leads into another
// namespace is left to that one's end: there the kernel takes all of them together,
// and putting them into a group for that here would make it look through all IPv6
// routes for each. What is still there then, as something holds its namespace, goes
// by itself.
func teardown(links []Made, spaces []Space) (left []error) {
	if len(links) == 0 && len(spaces) == 0 {
		return nil
	}
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return []error{err}
	}
	defer c.Close()
	rest := func() []error { return nil }
	if len(links) > 0 {
		links, rest, left = removeLinks(c, links, len(spaces) > 0)
	}
	if len(spaces) > fewNames {
		left = append(left, rest()...)
	}
	w := watch{c: c}
	left = append(left, w.removeAll(spaces)...)
	if len(spaces) <= fewNames {
		left = append(left, rest()...)
	}
	held, err := w.wait()
	left = append(left, held...)
	if err != nil {
		left = append(left, err)
	}
	if len(links) > 0 {
		_, rest, failed := removeLinks(c, links, false)
		left = append(append(left, failed...), rest()...)
	}
	return left
}

// fewNames is of how many namespaces the kernel takes the links apart while bridges
// are deleted: both wait for RCU grace periods then, and for the same ones. Of many, the
// ports leave faster with their bridge, all at once.
const fewNames = 3

// removeLinks deletes links that have both the index and the name they were
// made with, when rest is called; until then bridges are only switched off. With stay,
// veths that lead into other namespaces stay and are
// returned. A link that merely took over one of the two is somebody else's.
// Several go in one message, by a group that they are put in: one RCU grace
// period for all of them, and not some for each.
func removeLinks(c *nl.Conn, links []Made, stay bool) (stayed []Made, rest func() []error, left []error) {
	there, groups, err := listLinks(c)
	if err != nil {
		return nil, func() []error { return nil }, []error{err}
	}
	var ours []Made
	bridges := false
	for _, l := range links {
		switch now, ok := there[l.Index]; {
		case !ok:
		case now.name != l.Name:
			left = append(left, &ForeignError{l, now.name})
		case stay && now.leads:
			stayed = append(stayed, l)
		default:
			ours = append(ours, l)
			bridges = bridges || now.bridge
		}
	}
	group, grouped := uint32(0), false
	if len(ours) > 1 || bridges {
		group, grouped = putInGroup(c, ours, there, groups)
	}
	return stayed, func() (left []error) {
		if grouped && removeGroup(c, group) == nil {
			return nil
		}
		for _, l := range ours {
			if err := removeLink(c, l); err != nil {
				left = append(left, err)
			}
		}
		return left
	}, left
}

// seen is what listLinks says of a link.
type seen struct {
	name   string
	bridge bool
	leads  bool // a veth whose other end is in another namespace
}

// listLinks returns a namespace's links by their indexes, and the groups that
// there are.
func listLinks(c *nl.Conn) (links map[int32]seen, groups map[uint32]bool, err error) {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	err = c.Repeat(&b, func() { links, groups = map[int32]seen{}, map[uint32]bool{} }, func(m nl.Message) error {
		if l, err := rtnl.ParseLink(m); err == nil {
			kind := string(l.Kind())
			_, far := l.Attrs.S32(rtnl.IFLA_LINK_NETNSID)
			links[l.Index] = seen{l.Name(), kind == "bridge", far && kind == "veth"}
			g, _ := l.Attrs.U32(rtnl.IFLA_GROUP)
			groups[g] = true
		}
		return nil
	})
	if err == nl.ErrDumpInterrupted {
		err = nil // what came or went meanwhile is not ours
	}
	return links, groups, err
}

// putInGroup puts links into a group that nobody uses. Bridges go down with that: one
// that is up looks through all its other ports for each that leaves.
func putInGroup(c *nl.Conn, links []Made, now map[int32]seen, taken map[uint32]bool) (group uint32, ok bool) {
	group = 0x72617700 // "raw"
	for taken[group] {
		group++
	}
	var b nl.Builder
	for _, l := range links {
		h := rtnl.IfInfomsg{Index: l.Index}
		if now[l.Index].bridge {
			h.Change = unix.IFF_UP
		}
		rtnl.NewLink(&b, 0, h)
		b.U32(rtnl.IFLA_GROUP, group)
	}
	err := c.Batch(&b, nil)
	return group, err == nil || errors.Is(err, unix.ENODEV)
}

// removeGroup deletes all links of a group.
func removeGroup(c *nl.Conn, group uint32) error {
	var b nl.Builder
	rtnl.DelLink(&b, 0)
	b.U32(rtnl.IFLA_GROUP, group)
	err := c.Do(&b, nil)
	if errors.Is(err, unix.ENODEV) {
		return nil // all of them have gone
	}
	return err
}

// removeLink deletes a link that has both the index and the name it was made
// with; one that is gone is fine.
func removeLink(c *nl.Conn, l Made) error {
	name := ""
	err := rtnl.LinkByIndex(c, l.Index, rtnl.ExtSkipStats, func(got rtnl.Link) { name = got.Name() })
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	if err == nil && name != l.Name {
		return &ForeignError{l, name}
	}
	if err != nil {
		return err
	}
	var b nl.Builder
	rtnl.DelLink(&b, l.Index)
	err = c.Do(&b, nil)
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// ForeignError: the link of that index is not called any more what it was
// called when it was made. It was left alone.
type ForeignError struct {
	Link Made
	Name string // what it is called now
}

func (e *ForeignError) Error() string {
	return "link " + strconv.Itoa(int(e.Link.Index)) + " was made as " + strconv.Quote(e.Link.Name) + " and is called " +
		strconv.Quote(e.Name) + " now: left alone"
}

// watch follows namespaces to their end. The calling thread's namespace has a
// number for each of them; the kernel takes it back when it begins to take the
// namespace down.
type watch struct {
	c   *nl.Conn
	ids map[int32]Space // those that are still there

	open []*ns.NS // those without a name that are open yet
	bird *nl.Conn // where a veth leads to from a namespace of ours that is let go of last, or nil
}

// number returns the number of a namespace, and gives it one if it has none.
func (w *watch) number(n *ns.NS) (int32, error) {
	id, err := n.ID(w.c)
	if err != nil || id != ns.NoID {
		return id, err
	}
	if err := n.SetID(w.c, ns.NoID); err != nil {
		return ns.NoID, err
	}
	return n.ID(w.c)
}

// removers is how many threads take names away. Each name's mount costs an RCU
// grace period, and those that wait for one at the same time wait for the same.
const removers = 4

// removeAll takes the names from namespaces that were made, and watches them.
func (w *watch) removeAll(spaces []Space) (left []error) {
	if len(spaces) == 0 {
		return nil
	}
	home, err := ns.Current()
	if err != nil {
		return []error{err}
	}
	defer home.Close()
	most := maxHandles / removers
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) == nil && l.Cur < maxHandles+2*otherFiles {
		most = max(1, (int(l.Cur)-otherFiles)/(2*removers))
	}
	var next atomic.Int32
	var mu sync.Mutex // of left, and of w
	var wg sync.WaitGroup
	for range min(removers, (len(spaces)+removers-1)/removers) {
		wg.Go(func() {
			var failed []error
			var mine watch
			err := ns.OnThread(func(t *ns.Thread) (err error) {
				if mine.c, err = nl.Dial(unix.NETLINK_ROUTE); err != nil {
					return err
				}
				defer mine.c.Close()
				for i := int(next.Add(1)) - 1; i < len(spaces); i = int(next.Add(1)) - 1 {
					if err := mine.remove(t, &spaces[i]); err != nil {
						failed = append(failed, err)
					}
					if len(mine.open) >= most {
						mine.release()
					}
				}
				return t.Enter(home) // until it ends, the thread holds the one where it is
			})
			mu.Lock()
			defer mu.Unlock()
			left = append(left, failed...)
			if err != nil {
				left = append(left, err)
			}
			for id, s := range mine.ids {
				w.add(id, s)
			}
			w.open = append(w.open, mine.open...)
		})
	}
	wg.Wait()
	w.hatch()
	w.release()
	return left
}

// hatch makes a namespace that is to be let go of last, with one end of a veth in
// it, the other end being in another one that nobody sees. Where that cannot be
// done, wait does without.
func (w *watch) hatch() {
	home, err := ns.NewAnonymous()
	if err != nil {
		return
	}
	defer home.Close()
	last, err := ns.NewAnonymous()
	if err != nil {
		return
	}
	w.open = append(w.open, last)
	c, err := home.Dial() // it keeps home
	if err != nil {
		return
	}
	var b nl.Builder
	rtnl.NewLink(&b, unix.NLM_F_CREATE|unix.NLM_F_EXCL, rtnl.IfInfomsg{Index: FirstIndex})
	oneQueue(&b)
	info := b.Nest(rtnl.IFLA_LINKINFO)
	b.StrN(rtnl.IFLA_INFO_KIND, "veth")
	data := b.Nest(rtnl.IFLA_INFO_DATA)
	peer := rtnl.VethPeer(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_NET_NS_FD, uint32(last.Fd()))
	oneQueue(&b)
	b.End(peer)
	b.End(data)
	b.End(info)
	if c.Do(&b, nil) != nil {
		c.Close()
		return
	}
	w.bird = c
}

// flown returns when the links of the namespace that hatch made are gone, and so
// those of all that were let go of before it: the kernel deletes the links of all
// the namespaces that it takes down in one go together.
func (w *watch) flown() error {
	for pause := time.Millisecond; ; pause = min(2*pause, 4*time.Millisecond) {
		err := rtnl.LinkByIndex(w.bird, FirstIndex, rtnl.ExtSkipStats, func(rtnl.Link) {})
		if errors.Is(err, unix.ENODEV) {
			return nil
		}
		if err != nil {
			return err
		}
		time.Sleep(pause)
	}
}

// release lets go of the namespaces that have lost their names: of all at once,
// as what the kernel does when it takes some down grows with the number of those
// that are still there.
func (w *watch) release() {
	for _, n := range w.open {
		n.Close()
	}
	w.open = w.open[:0]
}

// add watches a namespace.
func (w *watch) add(id int32, s Space) {
	if w.ids == nil {
		w.ids = map[int32]Space{}
	}
	w.ids[id] = s
}

// remove takes the name from a namespace that was made, and watches it.
func (w *watch) remove(t *ns.Thread, s *Space) error {
	n, err := ns.Open(s.Name)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case errors.Is(err, ns.ErrNotNetns):
		// A file without a namespace on it: somebody was killed between the two,
		// or took only the mount away.
		return ns.Delete(s.Name)
	case err != nil:
		return err
	}
	if err := isMade(t, n, s); err != nil {
		n.Close()
		return err
	}
	if nr, err := w.number(n); err == nil && nr != ns.NoID { // kernels before 4.0 have none: no waiting then
		w.add(nr, *s)
	}
	w.open = append(w.open, n)
	return ns.Delete(s.Name)
}

// isMade returns an error unless a namespace is the one that was made. The thread
// goes there.
func isMade(t *ns.Thread, n *ns.NS, s *Space) error {
	id := ID{}
	id.Dev, id.Inode = n.Inode()
	if s.ID.Cookie != 0 {
		if err := t.Enter(n); err != nil {
			return err
		}
		id.Cookie = cookieHere()
	}
	if !id.is(s.ID) {
		return &ForeignSpaceError{s.Name}
	}
	return nil
}

// cookieHere returns the cookie of the calling thread's namespace, 0 if it has
// none. It takes a socket that goes at once: a netlink socket would hold the
// namespace for one RCU grace period more.
func cookieHere() uint64 {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	c, _ := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	return c
}

// look drops the namespaces whose end has begun.
func (w *watch) look() error {
	var b nl.Builder
	rtnl.GetNSID(&b)
	there := map[int32]bool{}
	err := w.c.Repeat(&b, func() { clear(there) }, func(m nl.Message) error {
		if as, err := rtnl.ParseNSID(m); err == nil {
			if id, ok := as.S32(rtnl.NETNSA_NSID); ok {
				there[id] = true
			}
		}
		return nil
	})
	if err != nil && err != nl.ErrDumpInterrupted {
		return err
	}
	for id := range w.ids {
		if !there[id] {
			delete(w.ids, id)
		}
	}
	return nil
}

// Waiting: the kernel takes namespaces down in the order in which they were let
// go of, several in one go (cleanup_net, net/core/net_namespace.c), and begins
// with taking their numbers back. So another namespace that is let go of once
// all numbers are gone is begun with only when the ones before are done with.
// If some number is still there then, something else holds that namespace;
// but sockets of processes that have just ended do so for a moment, too, and so
// does whatever looks into all namespaces, which is gone when we look for it.
// With the bird that hatch makes it takes no second one: when the links of that
// one are gone, all others are, but for namespaces that are held.
const (
	patience = 6 // so often, if we find who it is
	maxPause = 200 * time.Millisecond
	longest  = 10 * time.Second // if not
)

// wait returns when all namespaces are gone for good, or the errors that say
// what holds some.
func (w *watch) wait() (held []error, err error) {
	if len(w.ids) == 0 {
		if w.bird != nil {
			w.bird.Close()
		}
		return nil, nil
	}
	start := time.Now()
	if w.bird != nil {
		defer w.bird.Close()
		if err := w.flown(); err != nil {
			return nil, err
		}
	}
	if err := w.soon(); err != nil {
		return nil, err
	}
	if w.bird != nil && len(w.ids) == 0 {
		return nil, nil
	}
	pause := 10 * time.Millisecond
	for try := 0; ; try++ {
		none := len(w.ids) == 0
		if err := w.canary(); err != nil {
			return nil, err
		}
		if none {
			return nil, nil
		}
		if err := w.look(); err != nil {
			return nil, err
		}
		if len(w.ids) == 0 {
			continue
		}
		if try >= patience {
			held, found := w.held()
			if found || time.Since(start) > longest {
				return held, nil
			}
		}
		time.Sleep(pause)
		pause = min(2*pause, maxPause)
		if err := w.look(); err != nil {
			return nil, err
		}
	}
}

// soon returns when all numbers are gone, or after some time. Most often they are:
// another namespace let go of before that may be taken down by itself after the
// others, which takes as long again.
func (w *watch) soon() error {
	for pause := time.Millisecond; ; pause *= 2 {
		if err := w.look(); err != nil || len(w.ids) == 0 || pause > 32*time.Millisecond {
			return err
		}
		time.Sleep(pause)
	}
}

// canary makes a namespace, lets go of it, and returns when its end begins.
func (w *watch) canary() error {
	n, err := ns.NewAnonymous()
	if err != nil {
		return err
	}
	id, err := w.number(n)
	n.Close()
	if err != nil || id == ns.NoID {
		return err
	}
	bird := watch{c: w.c, ids: map[int32]Space{id: {}}}
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		if err := bird.look(); err != nil || len(bird.ids) == 0 {
			return err
		}
		time.Sleep(pause)
	}
}

// HeldError: a namespace lost its name, and lives on, as something holds it.
type HeldError struct {
	Name string
	By   []Holder // empty if that was not found
}

func (e *HeldError) Error() string {
	s := "namespace " + strconv.Quote(e.Name) + " has lost its name, but lives on"
	for i, h := range e.By {
		if i == 3 {
			return s + ", ..."
		}
		s += ", "
		if i == 0 {
			s = s[:len(s)-2] + ": held by "
		}
		if h.PID == 0 {
			s += "a mount on " + strconv.Quote(h.Path)
		} else {
			s += "process " + strconv.Itoa(h.PID) + " (" + strconv.Quote(h.Command) + ")"
		}
	}
	return s
}

// held says who holds the namespaces that are still there, and whether anybody was
// found to hold any.
func (w *watch) held() (out []error, found bool) {
	st, _ := Observe(ObserveOptions{Names: []string{}, Nameless: true, Holders: true})
	for _, s := range w.ids {
		e := &HeldError{Name: s.Name}
		if st != nil {
			for _, sp := range st.Spaces {
				if sp.ID.is(s.ID) {
					e.By = sp.Holders
					found = found || len(e.By) > 0
				}
			}
		}
		out = append(out, e)
	}
	return out, found
}
