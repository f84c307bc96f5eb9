package ip

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/ns/file"
)

// An ipProtocol is a line of /etc/protocols: a number and its names, the first
// of which it is shown by.
type ipProtocol struct {
	num   uint8
	names []string
}

// ipProtocols are those that are always known, and then the system's own.
var ipProtocols = []ipProtocol{
	{unix.IPPROTO_ICMP, []string{"icmp"}}, {unix.IPPROTO_TCP, []string{"tcp"}}, {unix.IPPROTO_UDP, []string{"udp"}}, {unix.IPPROTO_ICMPV6, []string{"ipv6-icmp"}},
}

var ipProtocolsRead bool

const protocolsFile = "/etc/protocols"

func loadIPProtocols() {
	if ipProtocolsRead {
		return
	}
	ipProtocolsRead = true
	text, _ := file.Read(protocolsFile)
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		ws := strings.Fields(line)
		if len(ws) < 2 {
			continue
		}
		if n, ok := parseUint(ws[1], 8); ok {
			ipProtocols = append(ipProtocols, ipProtocol{uint8(n), append(ws[:1:1], ws[2:]...)})
		}
	}
}

// ipProto takes the name or the number of a protocol above IP.
func (a *args) ipProto() uint8 {
	w := a.next()
	if v, neg, ok := parseNumberBase(w, 10); ok && !(neg && v != 0) && v <= 255 {
		return uint8(v)
	}
	if n, ok := ipProtocolNamed(w); ok {
		return n
	}
	if a.err == nil {
		a.wrong(w, "Invalid \"ipproto\" value\n")
	}
	return 0
}

// ipProtoName is the name of a protocol, unescaped.
func ipProtoName(n uint8, numeric bool) string {
	if !numeric {
		if s := ipProtocolName(n); s != "" {
			return s
		}
	}
	return "ipproto-" + itoa(int32(n))
}

// ipProtocolNamed returns the protocol of a name.
func ipProtocolNamed(name string) (num uint8, ok bool) {
	loadIPProtocols()
	for _, p := range ipProtocols {
		for _, s := range p.names {
			if s == name {
				return p.num, true
			}
		}
	}
	return 0, false
}

// ipProtocolName returns the name of a protocol, unescaped, or "".
func ipProtocolName(num uint8) string {
	loadIPProtocols()
	for _, p := range ipProtocols {
		if p.num == num {
			return p.names[0]
		}
	}
	return ""
}
