//go:build !tiny

package ip

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// The object tuntap: links whose packets a program reads and writes. They are
// made and deleted by ioctl on /dev/net/tun, netlink only shows them.
var tuntapCommands = commands{name: "ip tuntap", none: parseTuntapShow, rows: []command{
	{name: "add", usage: "[ dev DEVICE ] mode { tun | tap } [ OPTIONS ]", opts: []*table{&tuntapOptions}, parse: parseTuntap},
	{name: "delete", usage: "[ dev DEVICE ] mode { tun | tap } [ DEL-OPTIONS ]", opts: []*table{&tuntapDelOptions}, parse: parseTuntap},
	{name: "show", parse: parseTuntapShow},
	{name: "lst", quiet: true, parse: parseTuntapShow},
	{name: "list", quiet: true, parse: parseTuntapShow},
}}

// tuntapRows: those before the mode are for add alone.
var tuntapRows = [...]option{
	{name: "user", val: valFunc, arg: "{ NAME | NUMBER }", parse: tuntapID, about: helps("who may open it")},
	{name: "group", val: valFunc, arg: "{ NAME | NUMBER }", parse: tuntapID, about: helps("whose members may")},
	{name: "mode", val: valFunc, arg: "{ tun | tap }", parse: tuntapMode, about: helps("packets of IP, or of Ethernet")},
	{name: "pi", val: valFunc, attr: unix.IFF_NO_PI, parse: tuntapFlag, about: helps("with four bytes before each packet that say what it is")},
	{name: "one_queue", val: valFunc, attr: unix.IFF_ONE_QUEUE, parse: tuntapFlag, about: helps("has no effect on kernels of today")},
	{name: "vnet_hdr", val: valFunc, attr: unix.IFF_VNET_HDR, parse: tuntapFlag, about: helps("with a struct virtio_net_hdr before each packet")},
	{name: "multi_queue", val: valFunc, attr: unix.IFF_MULTI_QUEUE, parse: tuntapFlag, about: helps("may be opened several times")},
	{name: "dev", val: valFunc, arg: "DEVICE", parse: tuntapDev, about: helps("its name")},
	{name: "name", val: valFunc, arg: "NAME", parse: tuntapName, about: helps("the same")},
}

var (
	tuntapOptions    = table{name: "tuntap", rows: tuntapRows[:]}
	tuntapDelOptions = table{name: "tuntap", called: "DEL-OPTIONS", rows: tuntapRows[2:]}
)

const tunDevice = "/dev/net/tun"

// noID is no user, or no group.
const noID = ^uint32(0)

// tuntap is the step that makes or deletes a link.
type tuntap struct {
	name     string
	flags    uint16
	uid, gid uint32
	add      bool
}

// req is nil: nothing of it is netlink.
func (t *tuntap) req() *request { return nil }

// parseTuntap reads what follows add or del.
func parseTuntap(a *args) (*plan, error) {
	t := &tuntap{flags: unix.IFF_NO_PI, uid: noID, gid: noID, add: a.cmd.name == "add"}
	var used seen
	for a.more() {
		if a.option(a.cmd.opts[0], t, &used) {
			continue
		}
		if matches(a.peek(), "help") {
			a.fail(a.usage())
			break
		}
		tuntapName(a, t, nil) // a name may stand alone
	}
	if t.flags&(unix.IFF_TUN|unix.IFF_TAP) == 0 {
		a.failf(exitMissing, "You failed to specify a tunnel mode")
	}
	return &plan{[]step{t}}, a.err
}

func tuntapMode(a *args, st state, _ *option) {
	t, w := st.(*tuntap), a.next()
	mode := uint16(unix.IFF_TUN)
	switch {
	case matches(w, "tun"):
	case matches(w, "tap"):
		mode = unix.IFF_TAP
	case a.err == nil:
		a.failf(exitUsage, `Unknown tunnel mode "`, w, `"`)
	}
	if t.flags |= mode; t.flags&unix.IFF_TUN != 0 && t.flags&unix.IFF_TAP != 0 {
		a.failf(exitUsage, "You managed to ask for more than one tunnel mode.")
	}
}

// tuntapFlag sets the flag in attr; pi takes one away.
func tuntapFlag(_ *args, st state, o *option) {
	t := st.(*tuntap)
	t.flags |= o.attr
	if o.attr == unix.IFF_NO_PI {
		t.flags &^= o.attr
	}
}

func tuntapDev(a *args, st state, _ *option) {
	w := a.next()
	if a.err == nil && !validIfName(w) {
		a.wrong(w, `"dev" not a valid ifname`)
	}
	st.(*tuntap).name = w
}

func tuntapName(a *args, st state, _ *option) {
	t, w := st.(*tuntap), a.next()
	switch {
	case a.err != nil:
	case t.name != "":
		a.garbage("name", w)
	case !validIfName(w):
		a.wrong(w, `"name" not a valid ifname`)
	}
	t.name = w
}

// tuntapID reads a user or a group: a number, or a name of /etc/passwd or
// /etc/group.
func tuntapID(a *args, st state, o *option) {
	t, w := st.(*tuntap), a.next()
	if a.err != nil {
		return
	}
	id, file := &t.uid, cli.Passwd
	if o.name == "group" {
		id, file = &t.gid, cli.Group
	}
	v, neg, ok := parseNumberBase(w, 10)
	switch {
	case ok && neg && v == 1: // nobody's
		*id = noID
		return
	case ok && !neg:
		ok = v < uint64(noID)
	default:
		v, ok = idOf(file, w)
	}
	if !ok {
		a.failf(exitUsage, "invalid "+o.name+` "`, w, `"`)
	}
	*id = uint32(v)
}

// idOf finds the number of a name in /etc/passwd or /etc/group.
func idOf(path, name string) (uint64, bool) {
	if f := cli.Account(path, 0, name); f != nil {
		return parseUint(f[2], 32)
	}
	return 0, false
}

// nameOf is the way back: the name of a number, or "".
func nameOf(path string, id uint32) string {
	if f := cli.Account(path, 2, strconv.FormatUint(uint64(id), 10)); f != nil {
		return f[0]
	}
	return ""
}

func (t *tuntap) run(r *runner) error {
	if r.g.netns == "" {
		return t.ioctl()
	}
	// The link is born in the namespace of the thread that asks for it.
	n, err := r.openNetns(r.g.netns)
	if err != nil {
		return err
	}
	defer n.Close()
	return n.Do(t.ioctl)
}

// ioctl makes the link, or makes it end when no program has it.
func (t *tuntap) ioctl() error {
	fd, err := unix.Open(tunDevice, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return failf(exitMissing, "open: "+cli.Strerror(cli.Errno(err)))
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq(t.name)
	if err != nil {
		return failf(exitMissing, "ioctl(TUNSETIFF): "+cli.Strerror(cli.Errno(err)))
	}
	flags := t.flags
	if t.add {
		flags |= unix.IFF_TUN_EXCL
	}
	ifr.SetUint16(flags)
	call := "TUNSETIFF"
	err = unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr)
	if err == nil && t.uid != noID {
		call, err = "TUNSETOWNER", unix.IoctlSetInt(fd, unix.TUNSETOWNER, int(t.uid))
	}
	if err == nil && t.gid != noID {
		call, err = "TUNSETGROUP", unix.IoctlSetInt(fd, unix.TUNSETGROUP, int(t.gid))
	}
	if err == nil {
		call, err = "TUNSETPERSIST", unix.IoctlSetInt(fd, unix.TUNSETPERSIST, int(bit(t.add)))
	}
	if err != nil {
		return failf(exitMissing, "ioctl("+call+"): "+cli.Strerror(cli.Errno(err)))
	}
	return nil
}

// tuntapShow is the step that lists them.
type tuntapShow struct{}

// parseTuntapShow passes over what follows, as iproute2 does: all are shown.
func parseTuntapShow(a *args) (*plan, error) {
	a.w = nil
	return &plan{[]step{tuntapShow{}}}, a.err
}

func (tuntapShow) run(r *runner) error {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, lookMask)
	f := linkFilter{kind: "tun"}
	f.request(&b)
	p := r.g.printer(r.out)
	p.open()
	err := r.dump(&b, nil, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err == nil && f.match(&l) {
			r.tuntap(p, &l)
		}
		return err
	})
	p.close()
	return err
}

// tuntapFlags are the flags' words, in the order of the output.
var tuntapFlags = [...]struct {
	bit  uint64
	name string
}{
	{unix.IFF_TUN, "tun"}, {unix.IFF_TAP, "tap"}, {unix.IFF_NO_PI, "pi"}, {unix.IFF_ONE_QUEUE, "one_queue"}, {unix.IFF_MULTI_QUEUE, "multi_queue"},
	{unix.IFF_VNET_HDR, "vnet_hdr"}, {unix.IFF_PERSIST, "persist"}, {unix.IFF_NOFILTER, "filter"},
}

// tuntap writes one line.
func (r *runner) tuntap(p *printer, l *rtnl.Link) {
	name := l.Name()
	data := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA)
	p.Obj("")
	p.in(colIfname).Str("ifname", "", name, ":")
	p.Arr("flags", "")
	flags := r.tunFlags(name, data)
	for _, f := range tuntapFlags {
		inverse := f.bit == unix.IFF_NO_PI // also IFF_NOFILTER: the bits are the same, both words say that it is off
		if (flags&f.bit != 0) != inverse {
			p.Str("", p.pick(" ", ""), f.name, "")
		}
	}
	for _, f := range tuntapFlags {
		flags &^= f.bit
	}
	if flags != 0 {
		p.Hex("", "", flags, "")
	}
	p.EndArr("")
	if v, ok := data.U32(rtnl.IFLA_TUN_OWNER); ok {
		p.Uint("user", " user ", uint64(v), "")
	}
	if v, ok := data.U32(rtnl.IFLA_TUN_GROUP); ok {
		p.Uint("group", " group ", uint64(v), "")
	}
	if r.g.details > 0 {
		p.NL()
		p.Arr("processes", "\tAttached to processes:")
		tunProcesses(name, func(pid int, comm string) {
			p.Obj("")
			p.Str("name", "", comm, "")
			p.Uint("pid", "(", uint64(pid), ")")
			p.EndObj()
		})
		p.EndArr("")
	}
	p.EndObj()
	p.End()
}

// tunFlags returns IFF_ flags of linux/if_tun.h: those that netlink tells of,
// and, if they agree, all those in sysfs, which may be another namespace's.
func (r *runner) tunFlags(name string, data nl.Attrs) uint64 {
	kind, _ := data.U8(rtnl.IFLA_TUN_TYPE)
	flags, mask := uint64(kind), uint64(unix.IFF_TUN|unix.IFF_TAP)
	for _, f := range [...]struct {
		attr nl.AttrU8
		bit  uint64
		off  uint8 // what the attribute is when the bit is 0
	}{
		{rtnl.IFLA_TUN_PI, unix.IFF_NO_PI, 1}, {rtnl.IFLA_TUN_VNET_HDR, unix.IFF_VNET_HDR, 0},
		{rtnl.IFLA_TUN_MULTI_QUEUE, unix.IFF_MULTI_QUEUE, 0}, {rtnl.IFLA_TUN_PERSIST, unix.IFF_PERSIST, 0},
	} {
		if v, ok := data.U8(f.attr); ok && v != f.off {
			flags |= f.bit
		}
		mask |= f.bit
	}
	if r.g.netns == "" && validIfName(name) {
		text, _ := file.Read("/sys/class/net/" + name + "/tun_flags")
		if v, ok := parseUint(strings.TrimRight(string(text), "\n"), 32); ok && v&mask == flags {
			return v
		}
	}
	return flags
}

// tunProcesses finds the programs that have a link open: which one it is stands
// in /proc/PID/fdinfo. What cannot be read is left out.
func tunProcesses(name string, found func(pid int, comm string)) {
	procs, _ := file.Names("/proc")
	slices.Sort(procs)
	for _, p := range procs {
		pid, err := strconv.Atoi(p)
		if err != nil || pid == os.Getpid() {
			continue
		}
		dir := "/proc/" + p
		fds, _ := file.Names(dir + "/fd")
		slices.Sort(fds)
		for _, fd := range fds {
			if to, _ := os.Readlink(dir + "/fd/" + fd); to != tunDevice {
				continue
			}
			info, _ := file.Read(dir + "/fdinfo/" + fd)
			for line := range strings.Lines(string(info)) {
				f := strings.Fields(line)
				if len(f) != 2 || f[0] != "iff:" || f[1] != name {
					continue
				}
				comm, _ := file.Read(dir + "/comm")
				words := strings.Fields(string(comm))
				if len(words) == 0 {
					words = []string{"<NULL>"}
				}
				found(pid, words[0])
			}
		}
	}
}
