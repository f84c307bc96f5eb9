package learn

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
	"rawns/ns/file"
	"rawns/ns/topo"
)

// begun tells whether the network is in the lesson's first state already.
func (l *lesson) begun() bool {
	s, st, list, err := compare(l.start)
	if err != nil || len(list) > 0 || len(s.Services) > 0 || len(st.Spaces) != len(s.Namespaces)+1 {
		return false
	}
	host := 0
	for i := range s.Links {
		if s.Links[i].NS == "" {
			host++
		}
	}
	for _, h := range st.Spaces[0].Links {
		if h.Kind == "veth" || h.Kind == "bridge" {
			host--
		}
	}
	return host == 0
}

// reset puts the network into the lesson's first state.
func (l *lesson) reset(t Tools) error {
	s, err := spec(l.start)
	if err != nil {
		return err
	}
	if err := clear(t); err != nil {
		return err
	}
	plan, err := s.Plan(nil)
	if err != nil {
		return err
	}
	run, err := topo.Apply(plan, topo.Options{})
	if err != nil {
		return err
	}
	run.Close()
	return nil
}

// clear takes away all that is in the sandbox: what runs in namespaces, these, and
// the links outside of them.
func clear(t Tools) error {
	names, err := ns.List()
	if err != nil {
		return err
	}
	spare := ancestors()
	for _, name := range names {
		pids, _ := ns.Pids(name)
		for _, pid := range pids {
			if spare != nil && !spare[pid] {
				unix.Kill(pid, unix.SIGKILL)
			}
		}
		if err := ns.Delete(name); err != nil {
			return err
		}
	}
	st, err := topo.Observe(topo.ObserveOptions{Names: []string{}, Addrs: true})
	if err != nil {
		return err
	}
	c, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer c.Close()
	ip := t.Find("ip")
	var b nl.Builder
	for _, l := range st.Spaces[0].Links {
		if l.Index != 1 {
			// Tunnels that a namespace is born with cannot go; other halves have.
			b.Reset()
			rtnl.DelLink(&b, l.Index)
			c.Do(&b, nil)
			continue
		}
		for i := range l.Addrs {
			if a := l.Addrs[i].Prefix.String(); a != "127.0.0.1/8" && a != "::1/128" {
				ip([]string{"ip", "addr", "del", a, "dev", "lo"})
			}
		}
	}
	// What is left is lo, which is to be up, and routes to nowhere.
	ip([]string{"ip", "link", "set", "lo", "up"})
	ip([]string{"ip", "route", "flush", "table", "main"})
	file.Write("/proc/sys/net/ipv4/ip_forward", []byte("0"), 0)
	return nil
}

// ancestors are this process and those it comes from: the learner's shell, which
// may have been started inside a namespace. It is nil if /proc is another process
// namespace's, so that its numbers mean nothing.
func ancestors() map[int]bool {
	self, err := os.Readlink("/proc/self")
	if err != nil || self != strconv.Itoa(os.Getpid()) {
		return nil
	}
	out := map[int]bool{1: true}
	for pid := os.Getpid(); pid > 1 && !out[pid]; {
		out[pid] = true
		text, err := file.Read("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			break
		}
		_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
		f := strings.Fields(rest)
		if len(f) < 2 {
			break
		}
		pid, _ = strconv.Atoi(f[1])
	}
	return out
}
