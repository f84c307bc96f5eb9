//go:build !tiny

package ip

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns/file"
)

// vrfCommands is the object vrf: what there is of them, and programs that run
// in one. A program is in a VRF by its cgroup: see vrf_exec.go.
var vrfCommands = commands{name: "ip vrf", none: parseVRFShow, rows: []command{
	{name: "identify", usage: "[ PID ]", parse: parseVRFIdentify, about: helps("show in which VRF a process is")},
	{name: "pids", usage: "NAME", parse: parseVRFPids, about: helps("list the processes in one")},
	{name: "exec", usage: "{ NAME | default } COMMAND [ ARG ]...", parse: parseVRFExec, about: helps("run a program in one")},
	{name: "show", usage: "[ NAME ]", parse: parseVRFShow, about: helps("list VRFs and their tables")},
	{name: "lst", quiet: true, parse: parseVRFShow},
	{name: "list", quiet: true, parse: parseVRFShow},
}}

// A vrfShow is the step that lists VRFs, or names the table of one.
type vrfShow struct {
	name    string
	hasName bool
}

func parseVRFShow(a *args) (*plan, error) {
	s := &vrfShow{}
	if a.more() {
		s.name, s.hasName = a.next(), true
	}
	if a.more() {
		return nil, a.usage()
	}
	return &plan{[]step{s}}, nil
}

func (s *vrfShow) request(b *nl.Builder) {
	rtnl.GetLink(b, rtnl.IfInfomsg{})
	(&linkFilter{kind: "vrf"}).request(b)
}

func (s *vrfShow) run(r *runner) error {
	if s.hasName {
		v, err := r.vrf(s.name)
		if err == nil && v.table == 0 {
			err = failf(exitUsage, "Invalid VRF")
		}
		if err == nil {
			r.out.Safe(s.name).C(' ').U(uint64(v.table)).NL() // also with -j, as in iproute2
		}
		return err
	}
	p := r.g.printer(r.out)
	p.open()
	p.T("Name              Table\n-----------------------\n")
	none := true
	var b nl.Builder
	s.request(&b)
	err := r.dump(&b, nil, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err != nil {
			return notMine(err)
		}
		table := tableOf(l)
		if table == 0 {
			return nil
		}
		none = false
		name := l.Name()
		p.Obj("")
		p.Str("name", "", name, strings.Repeat(" ", max(0, 16-len(name))))
		t := strconv.FormatUint(uint64(table), 10)
		p.Uint("table", strings.Repeat(" ", 1+max(0, 5-len(t))), uint64(table), "\n")
		p.EndObj()
		return nil
	})
	if none {
		p.T("No VRF has been configured\n")
	}
	p.close()
	return err
}

// tableOf returns the table of a VRF, 0 for any other link.
func tableOf(l rtnl.Link) uint32 {
	if string(l.Kind()) != "vrf" {
		return 0
	}
	table, _ := l.Attrs.Nest(rtnl.IFLA_LINKINFO).Nest(rtnl.IFLA_INFO_DATA).U32(rtnl.IFLA_VRF_TABLE)
	return table
}

// A vrf is what is known of one by its name; index 0 if there is none.
type vrf struct {
	index int32
	table uint32
}

func (r *runner) vrf(name string) (v vrf, err error) {
	if !canExist(name) {
		return v, nil
	}
	c, err := r.aside()
	if err != nil {
		return v, err
	}
	err = rtnl.LinkByName(c, name, 0, func(l rtnl.Link) {
		if t := tableOf(l); t != 0 {
			v = vrf{l.Index, t}
		}
	})
	if isErrno(err, unix.ENODEV) {
		err = nil
	}
	return v, err
}

// A vrfIdentify is the step that says in which VRF a process is.
type vrfIdentify struct{ pid string }

func parseVRFIdentify(a *args) (*plan, error) {
	s := &vrfIdentify{"self"}
	if a.more() {
		w := a.next()
		n, _, ok := parseNumberBase(w, 10)
		if a.more() {
			a.wrong(a.next(), "Extra arguments specified\n")
		} else if !ok || n > 1<<32-1 {
			a.wrong(w, "Invalid pid\n")
		}
		s.pid = strconv.FormatUint(n, 10)
	}
	return &plan{[]step{s}}, a.err
}

func (s *vrfIdentify) run(r *runner) error {
	path, err := cgroupOf(s.pid)
	if err != nil {
		return failf(exitMissing, "Failed to lookup vrf association: "+cli.Strerror(cli.Errno(err)))
	}
	if name := vrfOf(path); name != "" {
		r.out.Safe(name).NL()
	}
	return nil
}

// cgroupOf returns a process's place below the mount point of cgroup2: that
// of the line of /proc/PID/cgroup that names no controllers.
func cgroupOf(pid string) (string, error) {
	text, err := file.Read("/proc/" + pid + "/cgroup")
	for line := range strings.Lines(string(text)) {
		if _, path, ok := strings.Cut(line, "::/"); ok {
			return "/" + strings.TrimSuffix(path, "\n"), nil
		}
	}
	return "", err
}

// vrfOf returns the VRF that a cgroup is for, "" if for none.
func vrfOf(path string) string {
	_, name, _ := strings.Cut(path, "/vrf/")
	return name[:min(len(name), 31)]
}

// A vrfPids is the step that lists the processes in a VRF.
type vrfPids struct{ name string }

func parseVRFPids(a *args) (*plan, error) {
	if len(a.w) != 1 {
		return nil, failf(exitMissing, "Invalid arguments")
	}
	return &plan{[]step{&vrfPids{a.next()}}}, nil
}

func (s *vrfPids) run(r *runner) error {
	v, err := r.vrf(s.name)
	if err != nil {
		return err
	}
	if v.index == 0 {
		return failf(exitMissing, "Invalid VRF name")
	}
	mount, err := cgroup2(exitMissing)
	if err != nil {
		return err
	}
	name, err := r.netnsName()
	if err != nil {
		return err
	}
	s.walk(r, mount, name)
	return nil
}

// walk looks for folders vrf; if the namespace has a name, they must be in the
// folder that is called after it.
func (s *vrfPids) walk(r *runner, dir, netns string) {
	names, err := file.Names(dir)
	if err != nil {
		return
	}
	slices.Sort(names)
	for _, n := range names {
		switch {
		case !file.IsDir(dir + "/" + n):
		case n != "vrf":
			s.walk(r, dir+"/"+n, netns)
		case netns == "" || strings.HasSuffix(dir, "/"+netns):
			text, _ := file.Read(dir + "/vrf/" + s.name + procsFile)
			for pid := range strings.Lines(string(text)) {
				pid = strings.TrimSuffix(pid, "\n")
				comm, err := file.Read("/proc/" + pid + "/comm")
				if err != nil {
					comm = []byte("<terminated?>")
				}
				r.out.Right(cli.Safe(pid), 5).S("  ").Safe(strings.TrimSuffix(string(comm), "\n")).NL()
			}
		}
	}
}
