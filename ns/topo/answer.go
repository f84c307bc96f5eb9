package topo

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/ns"
	"rawns/ns/file"
)

// Answer is where a service is to answer the host: an address of its namespace
// that is in a network of one of the topology's links on the host.
type Answer struct {
	Service *Service
	IP      []byte
	Dev     string // that link
}

// String is the address and the port, as URLs have them.
func (a Answer) String() string {
	ip := string(nl.AppendIP(nil, a.IP))
	if len(a.IP) == 16 {
		ip = "[" + ip + "]"
	}
	return ip + ":" + strconv.Itoa(int(a.Service.Port))
}

// Near returns, for each service with a port, the first address at which the
// host can reach it without a router, if there is one.
func (s *Spec) Near() (out []Answer) {
	addrs := map[string][]Prefix{}
	for i := range s.Links {
		l := &s.Links[i]
		if !l.Down {
			addrs[l.NS] = append(addrs[l.NS], l.Addrs...)
		}
	}
	for i := range s.Services {
		v := &s.Services[i]
		if v.Port == 0 || v.NS == "" {
			continue
		}
		if a := s.near(v, addrs[v.NS]); a.IP != nil {
			out = append(out, a)
		}
	}
	return out
}

func (s *Spec) near(v *Service, addrs []Prefix) Answer {
	for _, a := range addrs {
		for i := range s.Links {
			l := &s.Links[i]
			if l.NS != "" || l.Down {
				continue
			}
			for _, h := range l.Addrs {
				if h.Contains(a.IP) {
					return Answer{v, a.IP, l.Name}
				}
			}
		}
	}
	return Answer{}
}

// Connect opens a TCP connection to the service, from the calling thread's
// namespace, and closes it.
func (a Answer) Connect(timeout time.Duration) error {
	var to unix.Sockaddr = &unix.SockaddrInet4{Port: int(a.Service.Port)}
	domain := unix.AF_INET
	if len(a.IP) == 16 {
		domain = unix.AF_INET6
		to = &unix.SockaddrInet6{Port: int(a.Service.Port), Addr: [16]byte(a.IP)}
	} else {
		to.(*unix.SockaddrInet4).Addr = [4]byte(a.IP)
	}
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err = unix.Connect(fd, to); err == nil {
		return nil
	}
	if err != unix.EINPROGRESS {
		return err
	}
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	end := time.Now().Add(timeout)
	for {
		left := time.Until(end)
		if left <= 0 {
			return unix.ETIMEDOUT
		}
		n, err := unix.Poll(p, int(left.Milliseconds())+1)
		if err == unix.EINTR || err == nil && n == 0 {
			continue
		}
		if err != nil {
			return err
		}
		e, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && e != 0 {
			err = unix.Errno(e)
		}
		return err
	}
}

// Listening tells which services, of those that the journal's Apply has started,
// have ended, and which run, but nobody listens on their port in their namespace
// yet. Those without a port are left out.
func (j *Journal) Listening(list []Service) (ended, silent []*Service, err error) {
	pids, err := Services(j.mark())
	if err != nil {
		return nil, nil, err
	}
	type where struct {
		inode uint64
		key   string
	}
	found := map[where]int{}
	for _, pid := range pids {
		proc := "/proc/" + strconv.Itoa(pid)
		var st unix.Stat_t
		if key, ok := keyOf(pid); ok && unix.Stat(proc+"/ns/net", &st) == nil {
			found[where{st.Ino, key}] = pid
		}
	}
	for i := range list {
		v := &list[i]
		if v.Port == 0 {
			continue
		}
		path := "/proc/thread-self/ns/net"
		if v.NS != "" {
			path = ns.Dir + "/" + v.NS
		}
		var st unix.Stat_t
		if err := unix.Stat(path, &st); err != nil {
			return nil, nil, &os.PathError{Op: "stat", Path: path, Err: err}
		}
		switch pid := found[where{st.Ino, v.Key()}]; {
		case pid == 0:
			ended = append(ended, v)
		case !listens(pid, v.Port):
			silent = append(silent, v)
		}
	}
	return ended, silent, nil
}

// listens tells whether somebody listens on a TCP port in a process's namespace.
func listens(pid int, port uint16) bool {
	hex := ":" + strings.ToUpper(hexOf([]byte{byte(port >> 8), byte(port)}))
	for _, table := range [...]string{"/net/tcp", "/net/tcp6"} {
		text, _ := file.Read("/proc/" + strconv.Itoa(pid) + table)
		for _, l := range strings.Split(string(text), "\n") {
			// sl local_address rem_address st ...: 0A is LISTEN.
			if f := strings.Fields(l); len(f) > 3 && f[3] == "0A" && strings.HasSuffix(f[1], hex) {
				return true
			}
		}
	}
	return false
}
