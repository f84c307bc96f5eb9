package topo

import (
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// ObserveOptions say what Observe looks at. The zero ObserveOptions are all
// named namespaces and their links, without addresses and routes.
type ObserveOptions struct {
	Names    []string // of /run/netns: which to look into, besides the calling thread's; nil for all that are there
	Nameless bool     // find those without a name, too: processes', descriptors', mounts', and peers' that nothing else leads to
	Holders  bool     // who keeps each alive; the calling thread's namespace has none listed
	Addrs    bool
	Routes   bool
	Neighs   bool     // with the forwarding tables of bridges
	MACs     bool     // how each link came by its MAC: that takes some calls a link
	Sysctls  []string // settings to read in each namespace, in the spelling of Sysctl.Key
}

// Observe reads what the kernel has: the calling thread's namespace, and those
// that o names. What cannot be looked into has an Err in its SpaceState; what
// vanished meanwhile, and was not asked for by a name, is left out. The error is
// that of the calling thread's namespace, or of the list of names.
//
// Each namespace is visited once, by a thread that moves from one to the next,
// and asked for whole lists, never for one link. So the lists of one namespace
// are from slightly different moments; what one of them has and the other lacks
// (an address of a link that was not there yet) is left out.
func Observe(o ObserveOptions) (*State, error) {
	ob := &observer{o: o, known: map[ID]*SpaceState{}}
	var found *found
	if o.Nameless || o.Holders {
		found = scan(o.Nameless) // before anything of ours is open
		ob.state.Unseen = found.unseen
	}
	names := slices.Clone(o.Names)
	if o.Names == nil {
		var err error
		if names, err = ns.List(); err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	home, err := ns.Current()
	if err != nil {
		return nil, err
	}
	defer home.Close()
	ob.home = home

	// The calling thread's namespace, on the calling thread.
	host := ob.add(&ob.state.Spaces, "", ownPath(home))
	host.ID.Dev, host.ID.Inode = home.Inode()
	ob.known[plain(host.ID)] = host
	r := reader{o: &ob.o}
	if r.conn, err = nl.Dial(unix.NETLINK_ROUTE); err != nil {
		return nil, err
	}
	err = r.read(host)
	ob.note(&r)
	r.conn.Close()
	if err != nil {
		return nil, err
	}

	var todo []*SpaceState
	for _, name := range slices.Compact(names) {
		path := ns.Dir + "/" + name
		var st unix.Stat_t
		switch err := unix.Stat(path, &st); {
		case err == unix.ENOENT, ns.CheckName(name) != nil:
			continue // gone, or never there
		case err != nil:
			sp := ob.add(&ob.state.Spaces, name, path)
			sp.Err = &ns.Error{Op: ns.OpOpen, Name: name, Path: path, Err: err}
			continue
		}
		id := ID{Dev: uint64(st.Dev), Inode: st.Ino}
		if sp := ob.known[id]; sp != nil {
			sp.Aliases = append(sp.Aliases, name)
			continue
		}
		sp := ob.add(&todo, name, path)
		sp.ID = id
		ob.known[id] = sp
	}
	if o.Nameless {
		for _, f := range found.list {
			if id := (ID{Dev: host.ID.Dev, Inode: f.inode}); ob.known[id] == nil {
				sp := ob.add(&todo, "", "")
				sp.ID, sp.paths = id, f.paths()
				ob.known[id] = sp
			}
		}
	}
	ob.visitAll(todo)
	if o.Nameless {
		ob.visitSockets(found)
	}
	ob.resolve()
	for _, sp := range ob.adopted {
		unix.Close(sp.fd)
		sp.Path = "" // it was our own descriptor
	}
	if o.Holders {
		ob.holders(found)
	}
	for _, sp := range ob.state.Spaces {
		sp.connect()
	}
	ob.state.sortIn()
	return &ob.state, nil
}

// add adds a namespace to a list.
//
//go:noinline
func (ob *observer) add(list *[]*SpaceState, name, path string) *SpaceState {
	sp := &SpaceState{Name: name, Path: path}
	*list = append(*list, sp)
	return sp
}

// plain is an ID as stat(2) tells it.
func plain(id ID) ID { return ID{Dev: id.Dev, Inode: id.Inode} }

// ownPath returns a file of the calling thread's namespace, by which other
// threads can open it too.
func ownPath(home *ns.NS) string {
	const self = "/proc/self/ns/net"
	var st unix.Stat_t
	dev, ino := home.Inode()
	if unix.Stat(self, &st) == nil && uint64(st.Dev) == dev && st.Ino == ino {
		return self
	}
	return "/proc/self/task/" + itoa(unix.Gettid()) + "/ns/net"
}

// observer is one Observe at work.
type observer struct {
	o     ObserveOptions
	home  *ns.NS
	state State
	known map[ID]*SpaceState // by device and inode; the cookie is 0
	mu    sync.Mutex         // for the calling thread's NSIDs, and calls
	calls int                // system calls, for a test

	adopted []*SpaceState // those that only a socket led to
}

func (ob *observer) note(r *reader) {
	ob.mu.Lock()
	ob.calls += r.calls + r.conn.Stats().Calls
	ob.mu.Unlock()
}

// perWorker is for how many namespaces another thread is worth its while.
const perWorker = 8

// visitAll reads namespaces, and keeps those that were there.
func (ob *observer) visitAll(todo []*SpaceState) {
	gone := make([]bool, len(todo))
	ob.onThreads(len(todo), func(r *reader, i int) {
		gone[i] = ob.visit(r, todo[i])
	})
	for i, sp := range todo {
		if !gone[i] {
			ob.state.Spaces = append(ob.state.Spaces, sp)
		} else {
			delete(ob.known, plain(sp.ID))
		}
	}
}

// onThreads calls f for each number below n, on as many threads as there are
// processors for. They start in the calling thread's namespace, f may move them,
// and they are thrown away at the end.
func (ob *observer) onThreads(n int, f func(r *reader, i int)) {
	var next atomic.Int32
	var wg sync.WaitGroup
	work := func() error {
		r := reader{o: &ob.o}
		var err error
		if r.host, err = nl.Dial(unix.NETLINK_ROUTE); err != nil {
			r.dead = err
		} else {
			r.conn = &nl.Conn{}
			defer r.host.Close()
			defer r.conn.Close()
		}
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				break
			}
			f(&r, i)
		}
		if r.conn != nil {
			ob.note(&r)
		}
		return nil
	}
	for range max(min(runtime.GOMAXPROCS(0), n/perWorker), min(n, 1)) {
		wg.Go(func() { ob.home.Do(work) })
	}
	wg.Wait()
}

// visit looks into a namespace, and tells whether it is gone.
func (ob *observer) visit(r *reader, sp *SpaceState) (gone bool) {
	n, err := sp.open()
	if n == nil {
		sp.Err = err
		return err == nil
	}
	defer n.Close()
	sp.ID.Dev, sp.ID.Inode = n.Inode()
	if r.dead != nil {
		sp.Err = r.dead
		return false
	}
	r.calls++
	if err := unix.Setns(n.Fd(), unix.CLONE_NEWNET); err != nil {
		sp.Err = &ns.Error{Op: ns.OpSetns, Name: sp.Name, Path: sp.Path, Err: err}
		return false
	}
	if sp.Err = r.conn.Redial(unix.NETLINK_ROUTE); sp.Err == nil {
		sp.Err = r.read(sp)
	}
	if sp.Err != nil {
		sp.Links, sp.Routes, sp.Neighs, sp.NSIDs = nil, nil, nil, nil
		return false
	}
	// The two that nearly every namespace has a veth between: this one and
	// the host's. They are asked while both are at hand.
	host := ob.state.Spaces[0]
	if sp.wants() {
		if id, err := ob.home.ID(r.conn); err == nil && id >= 0 {
			sp.NSIDs[id] = host
		}
	}
	ob.mu.Lock()
	asked := len(host.NSIDs) > 0
	ob.mu.Unlock()
	if asked {
		if id, err := n.ID(r.host); err == nil && id >= 0 {
			ob.mu.Lock()
			if _, ok := host.NSIDs[id]; ok {
				host.NSIDs[id] = sp
			}
			ob.mu.Unlock()
		}
	}
	return false
}

// open opens the namespace by its path, or by the first of several that still
// leads to it. Without an error there is none any more.
func (sp *SpaceState) open() (*ns.NS, error) {
	switch {
	case sp.Name != "":
		n, err := ns.Open(sp.Name)
		if errors.Is(err, unix.ENOENT) {
			err = nil
		}
		return n, err
	case sp.Path != "":
		return sp.openAt(sp.Path)
	}
	var first error
	for _, p := range sp.paths {
		n, err := sp.openAt(p)
		if n != nil {
			sp.Path = p
			return n, nil
		}
		// The walk through /proc was let in by a process: one that does not
		// let us in any more is about to end. A mount may really be closed to us.
		mount := !strings.HasPrefix(p, "/proc/") || strings.Contains(p, "/root/")
		if first == nil && err != nil && (mount || !errors.Is(err, unix.EACCES)) {
			first, sp.Path = err, p
		}
	}
	return nil, first
}

// openAt opens a path that led to the namespace a moment ago: process ids and
// descriptors are used again. That it does not any more is no error.
func (sp *SpaceState) openAt(path string) (*ns.NS, error) {
	n, err := ns.OpenPath(path)
	if err != nil {
		for _, e := range [...]error{unix.EPERM, unix.EACCES, unix.EMFILE, unix.ENFILE, unix.ENOMEM} {
			if errors.Is(err, e) {
				return nil, err
			}
		}
		return nil, nil // what is there now is something else, or nothing
	}
	if dev, ino := n.Inode(); dev != sp.ID.Dev || ino != sp.ID.Inode {
		n.Close()
		return nil, nil
	}
	return n, nil
}

// wants tells whether links refer to numbers that stand for nothing yet.
//
//go:noinline
func (sp *SpaceState) wants() bool {
	for _, other := range sp.NSIDs {
		if other == nil {
			return true
		}
	}
	return false
}

// reader reads one namespace after the other.
type reader struct {
	o     *ObserveOptions
	conn  *nl.Conn // in the namespace that is being read
	host  *nl.Conn // in the calling thread's
	dead  error    // why there are none
	b     nl.Builder
	buf   []byte
	calls int // system calls besides the connections'
}

// list returns the answer to the request in r.b, in memory of its own. A list
// that changes faster than it can be read is taken as it is.
func (r *reader) list() ([]byte, error) {
	var err error
	r.buf, err = r.conn.List(&r.b, r.buf[:0])
	r.b.Reset()
	if err != nil && err != nl.ErrDumpInterrupted {
		return nil, err
	}
	return append(make([]byte, 0, len(r.buf)), r.buf...), nil
}

// read fills in the namespace in which r.conn is.
func (r *reader) read(sp *SpaceState) error {
	sp.ID.Cookie, _ = r.conn.NetnsCookie()
	rtnl.GetLink(&r.b, rtnl.IfInfomsg{})
	r.b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtSkipStats)
	list, err := r.list()
	if err != nil {
		return err
	}
	sp.addLinks(list)
	if r.o.Addrs {
		rtnl.GetAddr(&r.b, unix.AF_UNSPEC, 0)
		if list, err = r.list(); err != nil {
			return err
		}
		sp.addAddrs(list)
	}
	if r.o.Routes {
		rtnl.GetRoute(&r.b, rtnl.RtMsg{})
		if list, err = r.list(); err != nil {
			return err
		}
		sp.addRoutes(list)
	}
	if r.o.Neighs {
		rtnl.GetNeigh(&r.b, rtnl.NdMsg{})
		if list, err = r.list(); err != nil {
			return err
		}
		sp.addNeighs(list)
		if sp.has("bridge") || sp.has("vxlan") {
			rtnl.GetNeigh(&r.b, rtnl.NdMsg{Family: unix.AF_BRIDGE})
			if list, err = r.list(); err != nil {
				return err
			}
			sp.addNeighs(list)
		}
	}
	if r.o.MACs {
		r.macs(sp)
	}
	if len(r.o.Sysctls) > 0 {
		sp.Sysctls = make(map[string]string, len(r.o.Sysctls))
		for _, key := range r.o.Sysctls {
			if checkSysctl(key) != "" {
				continue
			}
			// /proc/sys/net is that of the thread that opens it.
			if v, ok := r.file(sysctlPath(key)); ok {
				sp.Sysctls[key] = strings.TrimSuffix(v, "\n")
			}
		}
	}
	return nil
}

// macs finds out how each link came by its MAC. Netlink does not tell; sysfs does,
// and shows the devices of the namespace in which it was mounted: so it is
// mounted, on no directory (fsmount(2), Linux 5.2). Where that may not be done,
// nothing is known.
func (r *reader) macs(sp *SpaceState) {
	fs, err := unix.Fsopen("sysfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return
	}
	defer unix.Close(fs)
	if unix.FsconfigCreate(fs) != nil {
		return
	}
	root, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_RDONLY)
	if err != nil {
		return
	}
	defer unix.Close(root)
	r.calls += 5
	for _, l := range sp.Links {
		// A name from the kernel has no '/', but sysfs has "." and "..".
		if !rtnl.ValidIfName(l.Name) {
			continue
		}
		if v, ok := r.fileAt(root, "class/net/"+l.Name+"/addr_assign_type"); ok {
			if n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 8); err == nil {
				l.MACFrom = uint8(n)
			}
		}
	}
}

// file returns a small file of /proc. Package os would bring it to epoll first.
func (r *reader) file(path string) (string, bool) { return r.fileAt(unix.AT_FDCWD, path) }

func (r *reader) fileAt(dir int, path string) (string, bool) {
	r.calls++
	fd, err := unix.Openat(dir, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", false
	}
	defer unix.Close(fd)
	r.calls += 2
	buf := make([]byte, 4096)
	n, err := unix.Read(fd, buf)
	if err != nil {
		return "", false
	}
	return string(buf[:n]), true
}

func (sp *SpaceState) has(kind string) bool {
	for _, l := range sp.Links {
		if l.Kind == kind {
			return true
		}
	}
	return false
}

// each calls f for each message of a list. The loop over an iterator would be
// inlined everywhere.
//
//go:noinline
func each(list []byte, f func(m nl.Message)) {
	for m := range nl.Messages(list) {
		f(m)
	}
}

// addLinks takes in a list of links.
func (sp *SpaceState) addLinks(list []byte) {
	n := 0
	each(list, func(nl.Message) {
		n++
	})
	all := make([]LinkState, 0, n)
	sp.Links = make([]*LinkState, 0, n)
	sp.byIndex = make(map[int32]*LinkState, n)
	sp.NSIDs = map[int32]*SpaceState{}
	var at [int(rtnl.IFLA_LINK_NETNSID) + 1]nl.Attr
	each(list, func(m nl.Message) {
		k, err := rtnl.ParseLink(m)
		if err != nil || sp.byIndex[k.Index] != nil {
			return
		}
		k.Attrs.Index(at[:])
		all = all[:len(all)+1]
		l := &all[len(all)-1]
		l.Space, l.Index, l.Type, l.Flags, l.Attrs = sp, k.Index, k.Type, k.Flags, k.Attrs
		l.LinkNSID, l.MACFrom = ns.NoID, MACUnknown
		l.Name = string(at[rtnl.IFLA_IFNAME].Str())
		kind, _ := at[rtnl.IFLA_LINKINFO].Attrs().StrN(rtnl.IFLA_INFO_KIND)
		l.Kind = kindName(kind)
		l.Oper, _ = at[rtnl.IFLA_OPERSTATE].U8()
		c, _ := at[rtnl.IFLA_CARRIER].U8()
		l.Carrier = c != 0
		l.MTU, _ = at[rtnl.IFLA_MTU].U32()
		l.Group, _ = at[rtnl.IFLA_GROUP].U32()
		l.MAC = at[rtnl.IFLA_ADDRESS].Bytes()
		x, _ := at[rtnl.IFLA_LINK].U32()
		if x == 0 && l.Kind == "vxlan" { // which has no IFLA_LINK
			x, _ = at[rtnl.IFLA_LINKINFO].Attrs().Nest(rtnl.IFLA_INFO_DATA).U32(rtnl.IFLA_VXLAN_LINK)
		}
		l.LinkIndex = int32(x)
		if x, ok := at[rtnl.IFLA_LINK_NETNSID].U32(); ok {
			l.LinkNSID = int32(x)
		}
		if l.LinkNSID >= 0 {
			sp.NSIDs[l.LinkNSID] = nil
		}
		sp.Links = append(sp.Links, l)
		sp.byIndex[l.Index] = l
	})
}

// kindName is a kind's name, without a copy for those that everyone has.
func kindName(b []byte) string {
	for i := range kinds {
		if kinds[i].name == string(b) {
			return kinds[i].name
		}
	}
	return string(b)
}

// addAddrs takes in a list of addresses.
func (sp *SpaceState) addAddrs(list []byte) {
	each(list, func(m nl.Message) {
		a, err := rtnl.ParseAddr(m)
		if err != nil || sp.byIndex[a.Index] == nil {
			return
		}
		l := sp.byIndex[a.Index]
		s := AddrState{Prefix: Prefix{Bits: a.PrefixLen}, Flags: a.Flags(), Scope: a.Scope, Valid: rtnl.Forever, Preferred: rtnl.Forever}
		far, _ := a.Attrs.IP(rtnl.IFA_ADDRESS)
		var ok bool
		if s.IP, ok = a.Attrs.IP(rtnl.IFA_LOCAL); !ok {
			s.IP = far // IPv6 without a peer has only this one
		} else if string(far) != string(s.IP) {
			s.Peer = far
		}
		if len(s.IP) != 4 && len(s.IP) != 16 {
			return
		}
		s.Protocol, _ = a.Attrs.U8(rtnl.IFA_PROTO)
		if t, ok := a.Lifetimes(); ok {
			s.Valid, s.Preferred = t.Valid, t.Preferred
		}
		l.Addrs = append(l.Addrs, s)
	})
}

// addRoutes takes in a list of routes: all tables but local.
func (sp *SpaceState) addRoutes(list []byte) {
	each(list, func(m nl.Message) {
		r, err := rtnl.ParseRoute(m)
		if err != nil || r.Family != unix.AF_INET && r.Family != unix.AF_INET6 {
			return
		}
		s := &RouteState{Family: r.Family, Type: r.Type, Protocol: r.Protocol, Scope: r.Scope, Flags: r.Flags, Table: r.Table(), Attrs: r.Attrs}
		if s.Table == unix.RT_TABLE_LOCAL {
			return
		}
		s.Dst.Bits = r.DstLen
		if s.Dst.IP, _ = r.Attrs.IP(rtnl.RTA_DST); s.Dst.IP == nil {
			s.Dst.IP = make([]byte, 4)
			if r.Family == unix.AF_INET6 {
				s.Dst.IP = make([]byte, 16)
			}
		}
		s.Via, _ = r.Attrs.IP(rtnl.RTA_GATEWAY)
		if v, ok := r.Attrs.Blob(rtnl.RTA_VIA); ok && len(v) > 2 {
			s.Via = v[2:] // struct rtvia: the family, then the address
		}
		s.Src, _ = r.Attrs.IP(rtnl.RTA_PREFSRC)
		s.Metric, _ = r.Attrs.U32(rtnl.RTA_PRIORITY)
		if i, ok := r.Attrs.U32(rtnl.RTA_OIF); ok {
			s.Dev = sp.byIndex[int32(i)]
		}
		sp.Routes = append(sp.Routes, s)
	})
}

// addNeighs takes in a list of neighbours or forwarding entries.
func (sp *SpaceState) addNeighs(list []byte) {
	each(list, func(m nl.Message) {
		n, err := rtnl.ParseNeigh(m)
		if err != nil || sp.byIndex[n.Index] == nil {
			return
		}
		s := &NeighState{Family: n.Family, Dev: sp.byIndex[n.Index], State: n.State, Flags: n.Flags}
		s.IP, _ = n.Attrs.IP(rtnl.NDA_DST)
		s.MAC, _ = n.Attrs.MAC(rtnl.NDA_LLADDR)
		s.VLAN, _ = n.Attrs.U16(rtnl.NDA_VLAN)
		sp.Neighs = append(sp.Neighs, s)
	})
}

// paired tells whether a link of the kind has another end, by IFLA_LINK.
func paired(kind string) bool { return kind == "veth" || kind == "vxcan" || kind == "netkit" }

// connect sets the references from link to link, once all namespaces are read.
func (sp *SpaceState) connect() {
	for _, l := range sp.Links {
		if m, ok := l.Attrs.U32(rtnl.IFLA_MASTER); ok {
			l.Master = sp.byIndex[int32(m)]
		}
		if l.LinkIndex == 0 {
			continue
		}
		there := sp
		if l.LinkNSID >= 0 {
			if there = sp.NSIDs[l.LinkNSID]; there == nil {
				continue
			}
		}
		other := there.byIndex[l.LinkIndex]
		switch {
		case other == nil:
		case !paired(l.Kind):
			l.Lower = other
		case other.LinkIndex == l.Index && other.Kind == l.Kind: // else one of the two was made anew meanwhile
			l.Peer = other
		}
	}
}
