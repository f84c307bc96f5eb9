//go:build !tiny

package ip

import (
	"encoding/binary"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// dry carries out a plan in a dry run: steps that speak netlink do so with
// cli.Dry, the others are said. A step of a type that is in neither list is not
// run, so that a new one cannot do anything by mistake.
func (p *plan) dry(r *runner) error {
	for _, s := range p.steps {
		if speaks(s) {
			if err := s.run(r); err != nil {
				return err
			}
			continue
		}
		apart(s)
	}
	return nil
}

// speaks tells whether a step does nothing but speak netlink.
//
//go:noinline
func speaks(s step) bool {
	switch s.(type) {
	case *request, hinted, *echo, *xfrmRequest,
		*addrShow, *addrlabelList, *fdbGet, *fdbShow, *bridgeLinkShow, *mdbGet, *mdbShow, *vlanShow, *vniShow, *linkXStats, *linkAfStats, *linkShow,
		*mrouteShow, *neighGet, *neighShow, *netconfShow, *nexthopShow, nexthopDelete, *nexthopGet, *ntableShow, *routeInVRF, *routeGet, *routeShow,
		*ruleShow, *statsShow, *tokenList, *vrfShow, *xfrmPolicies, *xfrmStates, *netnsListID, *netnsSet:
		return true
	}
	return false
}

// apart says what a step does without netlink.
func apart(s step) {
	note := cli.Dry.Note
	switch s := s.(type) {
	case netnsReachable, netnsIgnored, warning, text:
		// nothing of a kernel's
	case netnsAdd:
		name := cli.Safe(string(s))
		note("no netlink: mkdir /run/netns, make it a shared mount, open /run/netns/", name, " (O_CREAT|O_EXCL); unshare(CLONE_NEWNET) on a thread of its own; mount /proc/thread-self/ns/net on /run/netns/", name, " (MS_BIND)")
	case *netnsAttach:
		note("no netlink: open /run/netns/", cli.Safe(s.name), " (O_CREAT|O_EXCL); mount /proc/", itoa(int32(s.pid)), "/ns/net on it (MS_BIND)")
	case netnsDelete:
		name := cli.Safe(string(s))
		note("no netlink: umount2(/run/netns/", name, ", MNT_DETACH); unlink it. The namespace ends when nobody uses it any more")
	case netnsDeleteAll:
		note("no netlink: umount2 and unlink of every name in /run/netns")
	case *netnsExec, *netnsExecAll:
		note("no netlink: open the namespace's name, setns(CLONE_NEWNET), unshare(CLONE_NEWNS), a fresh /sys, mounts of /etc/netns/NAME/* over /etc, execve")
	case netnsMonitor:
		note("no netlink: inotify of /run/netns")
	case netnsList, netnsIdentify, netnsPids:
		note("no netlink: the names in /run/netns, and /proc/PID/ns/net, compared by device and inode")
	case *maddrModify:
		note("no netlink: ioctl SIOCADDMULTI or SIOCDELMULTI, netdevice(7)")
	case *maddrList:
		note("no netlink: /proc/net/dev_mcast, igmp and igmp6 are read")
	case *tuntap:
		note("no netlink: open /dev/net/tun, ioctl TUNSETIFF, and TUNSETPERSIST, TUNSETOWNER, TUNSETGROUP")
	case tuntapShow:
		note("no netlink: /sys/class/net is read")
	case *monitor, *bridgeMonitor:
		note("nothing is asked: a socket listens to multicast groups (NETLINK_ADD_MEMBERSHIP)")
	case *savefile, *showdump, *restore:
		note("messages of a list are written to a file, or read from it and sent")
	case *vrfExec, *vrfIdentify, *vrfPids:
		note("no netlink but a look-up: the VRF is that of a control group in /sys/fs/cgroup")
	default:
		note("this is done in a way that cannot be explained")
	}
}

// madeUpFd is the number of a descriptor that a dry run does not open: the
// first that a process has beside the usual three.
const madeUpFd = 3

// dryNetns is resolveNetns without opening anything; false for the number of a
// process.
func dryNetns(p []byte, f *fixup) bool {
	if _, ok := parseInt(f.name); ok {
		return false // a process
	}
	binary.NativeEndian.PutUint32(p[nl.AttrHeaderLen:], madeUpFd)
	cli.Dry.Note("descriptor ", itoa(madeUpFd), " stands for the namespace ", cli.Safe(f.name), ", opened from /run/netns: made up")
	return true
}

// inNetns says in a dry run where the socket would be.
func (r *runner) inNetns() {
	if cli.Dry != nil && r.g.netns != "" && r.conn == nil && r.side == nil {
		cli.Dry.Note("the socket is opened in the namespace ", cli.Safe(r.g.netns), ": setns(CLONE_NEWNET) on a thread of its own, socket there")
	}
}

// dry sends what SetID does in a dry run.
func (s *netnsSet) dry(r *runner) error {
	c, err := r.main()
	if err != nil {
		return err
	}
	cli.Dry.Note("descriptor ", itoa(madeUpFd), " stands for the namespace ", cli.Safe(s.name), ", opened from /run/netns: made up")
	var b nl.Builder
	rtnl.NewNSID(&b)
	b.U32(rtnl.NETNSA_FD, madeUpFd)
	b.S32(rtnl.NETNSA_NSID, s.id)
	return c.Do(&b, nil)
}
