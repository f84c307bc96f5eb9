package nettools

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// What the original says of an interface of each type with the address
// 12:34:56:78:9a:bc:de:f0.
func TestHardware(t *testing.T) {
	a := [16]byte{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}
	for arphrd, want := range map[uint16]string{
		unix.ARPHRD_LOOPBACK: "loop|Local Loopback", unix.ARPHRD_ETHER: "ether 12:34:56:78:9a:bc|Ethernet", unix.ARPHRD_ARCNET: "arcnet 12|ARCnet",
		unix.ARPHRD_EUI64: "eui64 12:34:56:78:9A:BC:DE:F0|Generic EUI-64", unix.ARPHRD_SLIP: "slip|Serial Line IP", unix.ARPHRD_ROSE: "rose 123456789a|AMPR ROSE",
		unix.ARPHRD_X25: "x25 |generic X.25", unix.ARPHRD_PPP: "ppp|Point-to-Point Protocol", unix.ARPHRD_TUNNEL: "tunnel |IPIP Tunnel", unix.ARPHRD_SIT: "sit|IPv6-in-IPv4",
		unix.ARPHRD_FDDI: "fddi 12-34-56-78-9A-BC|Fiber Distributed Data Interface", unix.ARPHRD_HIPPI: "hippi 12:34:56:78:9A:BC|HIPPI", unix.ARPHRD_IRDA: "irda 78:56:34:12|IrLAP",
		unix.ARPHRD_NONE: "unspec 12-34-56-78-9A-BC-DE-F0-00-00-00-00-00-00-00-00|UNSPEC", unix.ARPHRD_IPGRE: "unspec 12-34-56-78-9A-BC-DE-F0-00-00-00-00-00-00-00-00|UNSPEC",
		unix.ARPHRD_NETROM: `netrom \t\x1a+<M^-15|AMPR NET/ROM`,
	} {
		h := HWByType(arphrd)
		if got := h.Name + string(h.AppendAddr(nil, a)) + "|" + h.Title; got != want {
			t.Errorf("type %d: %q, want %q", arphrd, got, want)
		}
	}
	dlci := HWByType(unix.ARPHRD_DLCI)
	var p [16]byte
	binary.NativeEndian.PutUint16(p[:], 0xfffe)
	if got := string(dlci.AppendAddr(nil, p)); got != " -2" {
		t.Errorf("dlci%s", got)
	}
	for in, want := range map[string]string{"\x9c\x60\x86\x82\x98\x40\x06": "N0CAL-3", "\x9c\x60\x86\x82\x98\x40\x60": "N0CAL", "\x40\x40\x40\x40\x40\x40\x00": "", "\x00\x00\x00\x00\x00\x00\x00": ""} {
		if got := string(appendCall(nil, []byte(in))); got != want {
			t.Errorf("%x: %q, want %q", in, got, want)
		}
	}
}

func TestParseHW(t *testing.T) {
	for in, want := range map[string]string{
		"02:00:5e:10:00:FF": "\x02\x00\x5e\x10\x00\xff", "2:0:5e:10:0:f": "\x02\x00\x5e\x10\x00\x0f", "02005e1000ff": "\x02\x00\x5e\x10\x00\xff",
	} {
		if got, ok := ParseHW(in, 6); !ok || string(got) != want {
			t.Errorf("%s: %x %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "02", "02:00:5e:10:00", "02:00:5e:10:00:ff:", "02:00:5e:10:00:ff:00", "02-00-5e-10-00-ff", "02::5e:10:00:ff", ":02:00:5e:10:00:ff", "02:00:5e:10:00:0g", "02:00:5e:10:00:\x10\x11"} {
		if got, ok := ParseHW(in, 6); ok {
			t.Errorf("%q: %x", in, got)
		}
	}
}
