package topo

import "strings"

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
