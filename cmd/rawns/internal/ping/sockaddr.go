package ping

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// address is an IPv4 or IPv6 address with the interface that a link-local one
// needs.
type address struct {
	family int
	ip     [16]byte // IPv4: the first 4
	zone   uint32   // interface index; 0: none
}

func address4(a [4]byte) address {
	r := address{family: unix.AF_INET}
	copy(r.ip[:], a[:])
	return r
}

func address6(a [16]byte, zone uint32) address { return address{unix.AF_INET6, a, zone} }

func (a *address) bytes() []byte {
	if a.family == unix.AF_INET {
		return a.ip[:4]
	}
	return a.ip[:]
}

func (a *address) unspecified() bool { return a.ip == [16]byte{} }

func (a *address) multicast() bool {
	if a.family == unix.AF_INET {
		return a.ip[0]>>4 == 14
	}
	return a.ip[0] == 0xff
}

// linkLocal tells the addresses that mean nothing without an interface:
// fe80::/10 and ff02::/16.
func (a *address) linkLocal() bool {
	return a.family == unix.AF_INET6 && (a.ip[0] == 0xfe && a.ip[1]&0xc0 == 0x80 || a.ip[0] == 0xff && a.ip[1]&15 == 2)
}

// sockaddr converts for the calls that are not made per packet.
func (a *address) sockaddr(port int) unix.Sockaddr {
	if a.family == unix.AF_INET {
		return &unix.SockaddrInet4{Port: port, Addr: [4]byte(a.ip[:4])}
	}
	return &unix.SockaddrInet6{Port: port, Addr: a.ip, ZoneId: a.zone}
}

// Lengths of struct sockaddr_in and struct sockaddr_in6.
const (
	sockaddr4Size = 16
	sockaddr6Size = 28
)

// rawSockaddr is the address as the kernel reads it. flow, in host byte
// order, is what x/sys has no field for.
//
//	sockaddr_in:  family 2 | port 2 | address 4 | zero 8
//	sockaddr_in6: family 2 | port 2 | flow 4 | address 16 | scope 4
func (a *address) rawSockaddr(port uint16, flow uint32) []byte {
	if a.family == unix.AF_INET {
		p := make([]byte, sockaddr4Size)
		binary.NativeEndian.PutUint16(p, unix.AF_INET)
		binary.BigEndian.PutUint16(p[2:], port)
		copy(p[4:], a.ip[:4])
		return p
	}
	p := make([]byte, sockaddr6Size)
	binary.NativeEndian.PutUint16(p, unix.AF_INET6)
	binary.BigEndian.PutUint16(p[2:], port)
	binary.BigEndian.PutUint32(p[4:], flow)
	copy(p[8:], a.ip[:])
	binary.NativeEndian.PutUint32(p[24:], a.zone)
	return p
}

// parseSockaddr returns the address inside p, not a copy; nil if it is of
// neither family or too short.
func parseSockaddr(p []byte) (ip []byte, zone uint32) {
	if len(p) < 2 {
		return nil, 0
	}
	switch f := binary.NativeEndian.Uint16(p); {
	case f == unix.AF_INET && len(p) >= 8:
		return p[4:8], 0
	case f == unix.AF_INET6 && len(p) >= sockaddr6Size:
		return p[8:24], binary.NativeEndian.Uint32(p[24:])
	}
	return nil, 0
}
