package nettools

import (
	"strings"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/ns/file"
)

// A Namer writes addresses for people. It remembers what it found, or did not
// find: each address costs one look-up at most.
type Namer struct {
	Numeric bool

	names map[string]string
}

// Host returns the name of an address of 4 or 16 bytes, or the address.
func (n *Namer) Host(ip []byte) string {
	return n.name("h", ip, func() string {
		name, _ := httpraw.LookupAddr(ip, time.Time{})
		return name
	})
}

// Net returns a network's name in networks(5), or its address.
func (n *Namer) Net(ip [4]byte) string {
	return n.name("n", ip[:], func() string { return Etc.netName(ip) })
}

func (n *Namer) name(kind string, ip []byte, look func() string) string {
	if n.Numeric {
		return string(cli.AppendIP(nil, ip))
	}
	key := kind + string(ip)
	if name, ok := n.names[key]; ok {
		return name
	}
	name := look()
	if name == "" {
		name = string(cli.AppendIP(nil, ip))
	}
	if n.names == nil {
		n.names = map[string]string{}
	}
	n.names[key] = name
	return name
}

// netName returns a network's name in networks(5), or "".
func (f Files) netName(ip [4]byte) string {
	text, err := file.Read(f.Networks)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		if a, ok := cli.ParseIPv4(padNetwork(words[1])); ok && a == ip {
			return words[0]
		}
	}
	return ""
}
