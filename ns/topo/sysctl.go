package topo

import (
	"os"
	"slices"
	"strings"
)

// sysctlPath returns the file of a setting. As sysctl(8) has it, the first of
// '.' and '/' is what parts the words; the other one is then part of a name
// (net/ipv4/conf/eth0.100/forwarding, net.ipv4.conf.eth0/100.forwarding).
func sysctlPath(key string) string {
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		b := []byte(key)
		for i, c := range b {
			switch c {
			case '.':
				b[i] = '/'
			case '/':
				b[i] = '.'
			}
		}
		key = string(b)
	}
	return "/proc/sys/" + key
}

// checkSysctl says what is wrong with a setting's name, "" if nothing: only
// those of the network, which each namespace has for itself.
func checkSysctl(key string) string {
	path := strings.TrimPrefix(sysctlPath(key), "/proc/sys/")
	if !strings.HasPrefix(path, "net/") {
		return "not a setting of a network namespace: those begin with net."
	}
	for _, w := range strings.Split(path, "/") {
		if w == "" || w == "." || w == ".." || strings.IndexByte(w, 0) >= 0 {
			return "not the name of a setting"
		}
	}
	return ""
}

// sysctlLink returns the name of the link whose setting it is, "" for one of
// all, of those to come, or of the namespace as a whole. lo is there from the
// beginning.
func sysctlLink(key string) string {
	w := strings.Split(sysctlPath(key), "/")
	for i := range w[:len(w)-1] {
		if w[i] == "conf" || w[i] == "neigh" {
			switch w[i+1] {
			case "all", "default", "lo":
				return ""
			}
			return w[i+1]
		}
	}
	return ""
}

// sameValue tells whether a setting's file, as read, holds a value: some hold
// several words, and the kernel parts them by tabs.
func sameValue(have, want string) bool {
	a, b := strings.Fields(have), strings.Fields(want)
	return slices.Equal(a, b)
}

// writeSysctl writes a setting of the calling thread's namespace.
func writeSysctl(c *Sysctl) error {
	f, err := os.OpenFile(sysctlPath(c.Key), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(c.Value)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
