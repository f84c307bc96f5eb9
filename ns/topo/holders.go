package topo

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/file"
)

// found is what a walk through /proc saw of network namespaces.
type found struct {
	list    []*foundSpace // in the order in which they were seen
	byInode map[uint64]*foundSpace
	sockets []sock
	unseen  int
	mounted map[string]bool // net:[INODE] and the place, of the mounts seen
}

// foundSpace is a namespace, known by its inode number, and who holds it.
type foundSpace struct {
	inode   uint64
	holders []Holder // without Command
}

// sock is a descriptor that is a socket, of a process in a namespace.
type sock struct {
	pid, fd int
	inode   uint64 // of the process's namespace
}

// paths are files by which the namespace can be opened; the ones that last
// longest come first.
func (f *foundSpace) paths() (paths []string) {
	for _, h := range f.holders {
		if h.PID == 0 {
			paths = append(paths, h.Path)
		}
	}
	for _, h := range f.holders {
		switch p := "/proc/" + itoa(h.PID); {
		case h.PID == 0 || h.Socket:
		case h.FD >= 0:
			paths = append(paths, p+"/fd/"+itoa(h.FD))
		case h.Thread != 0:
			paths = append(paths, p+"/task/"+itoa(h.Thread)+"/ns/net")
		default:
			paths = append(paths, p+"/ns/net")
		}
	}
	return paths
}

//go:noinline
func (f *found) add(inode uint64, h Holder) {
	s := f.byInode[inode]
	if s == nil {
		s = &foundSpace{inode: inode}
		f.byInode[inode] = s
		f.list = append(f.list, s)
	}
	s.holders = append(s.holders, h)
}

// scan walks through /proc: the namespace of each process and thread,
// descriptors that refer to one, and mounts of one in each mount namespace. What
// we may not look into is passed over, as is what ends meanwhile. With sockets,
// descriptors that are sockets are noted, too.
func scan(sockets bool) *found {
	f := &found{byInode: map[uint64]*foundSpace{}, mounted: map[string]bool{}}
	mounts := map[uint64]bool{} // mount namespaces seen
	var b [64]byte
	var own unix.Stat_t
	if unix.Stat("/proc/self/ns/mnt", &own) == nil {
		mounts[own.Ino] = true
		f.mounts("/proc/self", "")
	}
	eachNumber("/proc", func(pid int) {
		dir := "/proc/" + itoa(pid)
		at, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return
		}
		defer unix.Close(at)
		var st unix.Stat_t
		if err := unix.Fstatat(at, "ns/net", &st, 0); err != nil {
			if err == unix.EACCES || err == unix.EPERM {
				f.unseen++
			}
			return // a zombie, or not ours to see
		}
		home := st.Ino
		f.add(home, Holder{PID: pid, FD: -1})
		if unix.Fstatat(at, "ns/mnt", &st, 0) == nil && !mounts[st.Ino] {
			mounts[st.Ino] = true
			f.mounts(dir, dir+"/root")
		}
		eachNumber(dir+"/task", func(tid int) {
			if tid != pid && unix.Fstatat(at, "task/"+itoa(tid)+"/ns/net", &st, 0) == nil && st.Ino != home {
				f.add(st.Ino, Holder{PID: pid, Thread: tid, FD: -1})
			}
		})
		eachNumber(dir+"/fd", func(fd int) {
			n, err := unix.Readlinkat(at, "fd/"+itoa(fd), b[:])
			if err != nil {
				return
			}
			if inode, ok := netInode(string(b[:n])); ok {
				f.add(inode, Holder{PID: pid, FD: fd})
			} else if sockets && strings.HasPrefix(string(b[:n]), "socket:[") {
				f.sockets = append(f.sockets, sock{pid, fd, home})
			}
		})
	})
	return f
}

// eachNumber calls f for the entries of a directory that are numbers, in their
// order.
func eachNumber(dir string, f func(int)) {
	all, _ := file.Names(dir)
	for _, name := range all {
		if n, err := strconv.Atoi(name); err == nil && n >= 0 {
			f(n)
		}
	}
}

// netInode reads net:[4026531840], as links of /proc and mounts call a network
// namespace.
func netInode(s string) (uint64, bool) {
	s, ok := strings.CutPrefix(s, "net:[")
	s, end := strings.CutSuffix(s, "]")
	n, err := strconv.ParseUint(s, 10, 64)
	return n, ok && end && err == nil
}

// mounts adds the mounts of namespaces that a process sees below root, "" for our
// own. Those in ns.Dir of our own are names, and known as such. A mount
// namespace begins as a copy of another one: what is mounted at the same place in
// several is told once.
func (f *found) mounts(dir, root string) {
	text, _ := file.Read(dir + "/mountinfo")
	for line := range strings.Lines(string(text)) {
		// 36 35 0:4 net:[4026532200] /run/docker/netns/x rw shared:3 - nsfs nsfs rw
		w := strings.Fields(line)
		if len(w) < 5 {
			continue
		}
		inode, ok := netInode(w[3])
		key := w[3] + w[4]
		if !ok || f.mounted[key] {
			continue
		}
		f.mounted[key] = true
		if path := unescapeMount(w[4]); root != "" || !strings.HasPrefix(path, ns.Dir+"/") {
			f.add(inode, Holder{FD: -1, Path: root + path})
		}
	}
}

// unescapeMount undoes the \040 that mountinfo writes for blanks, tabs, new lines
// and backslashes.
func unescapeMount(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b = append(b, byte(n))
				i += 3
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// visitSockets finds the namespaces that sockets are in, whichever process has
// them: a copy of each is asked (pidfd_getfd(2), which wants the rights of a
// debugger). One that nothing else leads to is opened through it, and looked
// into.
func (ob *observer) visitSockets(f *found) {
	if ob.state.Spaces[0].ID.Cookie == 0 {
		return // an older kernel: it does not say where a socket is
	}
	cookies := map[uint64]*SpaceState{}
	for _, sp := range ob.state.Spaces {
		if sp.ID.Cookie != 0 {
			cookies[sp.ID.Cookie] = sp
		}
	}
	pidfd, pid := -1, 0
	var opened []*SpaceState
	for _, s := range f.sockets {
		if s.pid != pid {
			if pidfd >= 0 {
				unix.Close(pidfd)
			}
			pid = s.pid
			pidfd, _ = unix.PidfdOpen(pid, 0)
		}
		if pidfd < 0 {
			continue
		}
		fd, err := unix.PidfdGetfd(pidfd, s.fd, 0)
		if err != nil {
			continue
		}
		if cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE); err == nil {
			sp := cookies[cookie]
			if sp == nil {
				if sp = ob.adoptSocket(fd); sp != nil {
					sp.ID.Cookie = cookie
					cookies[cookie] = sp
					opened = append(opened, sp)
				}
			}
			if sp != nil && sp.ID.Inode != s.inode {
				f.add(sp.ID.Inode, Holder{PID: s.pid, FD: s.fd, Socket: true})
			}
		}
		unix.Close(fd)
	}
	if pidfd >= 0 {
		unix.Close(pidfd)
	}
	ob.adopted = opened
	ob.visitAll(opened)
}

// siocgskns is SIOCGSKNS, linux/sockios.h: a descriptor of a socket's namespace.
const siocgskns = 0x894c

// adoptSocket opens the namespace that a socket is in. The descriptor stays
// open, in fd, until Observe is done.
func (ob *observer) adoptSocket(socket int) *SpaceState {
	fd, err := unix.IoctlRetInt(socket, siocgskns)
	if err != nil {
		return nil
	}
	unix.CloseOnExec(fd)
	var st unix.Stat_t
	id := ID{}
	if unix.Fstat(fd, &st) == nil {
		id = ID{Dev: uint64(st.Dev), Inode: st.Ino}
	}
	if id == (ID{}) || ob.known[id] != nil {
		unix.Close(fd) // one that could not be looked into
		return nil
	}
	sp := &SpaceState{ID: id, Path: "/proc/self/fd/" + itoa(fd), fd: fd}
	ob.known[id] = sp
	return sp
}

// holders gives each namespace its holders, with their commands; but for the
// calling thread's, which most processes are in.
func (ob *observer) holders(f *found) {
	commands := map[int]string{}
	for _, s := range f.list {
		sp := ob.known[ID{Dev: ob.state.Spaces[0].ID.Dev, Inode: s.inode}]
		if sp == nil || sp == ob.state.Spaces[0] {
			continue
		}
		sp.Holders = s.holders
		for i := range sp.Holders {
			h := &sp.Holders[i]
			if h.PID == 0 {
				continue
			}
			c, ok := commands[h.PID]
			if !ok {
				c = command(h.PID)
				commands[h.PID] = c
			}
			h.Command = c
		}
	}
}

// command returns a process's command line, words parted by blanks, or, for one
// that has none, its name in brackets, as ps(1) writes it; "" if it has ended.
func command(pid int) string {
	dir := "/proc/" + itoa(pid)
	text, _ := file.Read(dir + "/cmdline")
	line := strings.ReplaceAll(strings.TrimRight(string(text), "\x00"), "\x00", " ")
	if line != "" {
		return line
	}
	text, _ = file.Read(dir + "/comm")
	if comm := strings.TrimSuffix(string(text), "\n"); comm != "" {
		return "[" + comm + "]"
	}
	return ""
}
