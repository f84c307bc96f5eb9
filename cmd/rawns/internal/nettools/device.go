package nettools

import (
	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// A Device is what arp and route want to know of an interface.
type Device struct {
	Index int32
	Name  string
	Type  uint16 // ARPHRD_
	HW    []byte // its hardware address
	Table uint32 // the routing table of the VRF that it is or is in, or 0
}

// Devices remembers interfaces.
type Devices struct {
	Conn *nl.Conn

	known map[int32]*Device
	fd    int // a socket for ioctls, or 0
}

func newDevice(l rtnl.Link) *Device {
	d := &Device{Index: l.Index, Name: l.Name(), Type: l.Type}
	hw, _ := l.Attrs.MAC(rtnl.IFLA_ADDRESS)
	d.HW = append(d.HW, hw...)
	info := l.Attrs.Nest(rtnl.IFLA_LINKINFO)
	if kind, _ := info.StrN(rtnl.IFLA_INFO_KIND); string(kind) == "vrf" {
		d.Table, _ = info.Nest(rtnl.IFLA_INFO_DATA).U32(rtnl.IFLA_VRF_TABLE)
	} else if kind, _ := info.StrN(rtnl.IFLA_INFO_SLAVE_KIND); string(kind) == "vrf" {
		d.Table, _ = info.Nest(rtnl.IFLA_INFO_SLAVE_DATA).U32(rtnl.IFLA_VRF_PORT_TABLE)
	}
	return d
}

func (ds *Devices) add(l rtnl.Link) *Device { return ds.keep(newDevice(l)) }

func (ds *Devices) keep(d *Device) *Device {
	if ds.known == nil {
		ds.known = map[int32]*Device{}
	}
	ds.known[d.Index] = d
	return d
}

// ByName asks for an interface; ENODEV if there is none.
func (ds *Devices) ByName(name string) (d *Device, err error) {
	if name == "" || len(name) > rtnl.IfNameMax {
		return nil, unix.ENODEV
	}
	err = rtnl.LinkByName(ds.Conn, name, rtnl.ExtSkipStats, func(l rtnl.Link) { d = ds.add(l) })
	if err == nil && d == nil {
		err = unix.ENODEV
	}
	return d, err
}

// ByIndex returns nil for an interface that is gone. What is known of one that
// was not asked for by name is its name and its type: a list may need a thousand
// of them, and two ioctls are several times cheaper than a message with all that
// there is to tell. Where they fail, the message is asked for.
func (ds *Devices) ByIndex(index int32) *Device {
	if d, ok := ds.known[index]; ok || index <= 0 {
		return d
	}
	if d := ds.brief(index); d != nil {
		return ds.keep(d)
	}
	if rtnl.LinkByIndex(ds.Conn, index, rtnl.ExtSkipStats, func(l rtnl.Link) { ds.add(l) }) != nil {
		return nil
	}
	return ds.known[index]
}

func (ds *Devices) brief(index int32) *Device {
	if ds.fd == 0 {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return nil
		}
		ds.fd = fd
	}
	r, _ := unix.NewIfreq("")
	r.SetUint32(uint32(index))
	if unix.IoctlIfreq(ds.fd, unix.SIOCGIFNAME, r) != nil {
		return nil
	}
	name := r.Name()
	if unix.IoctlIfreq(ds.fd, unix.SIOCGIFHWADDR, r) != nil {
		return nil
	}
	return &Device{Index: index, Name: name, Type: r.Uint16()} // of a struct sockaddr: its family is the type
}

// Close closes what ByIndex opened.
func (ds *Devices) Close() {
	if ds.fd != 0 {
		unix.Close(ds.fd)
	}
}

// All lists the interfaces until each says no more.
func (ds *Devices) All(each func(*Device) bool) error {
	var b nl.Builder
	rtnl.GetLink(&b, rtnl.IfInfomsg{})
	b.U32(rtnl.IFLA_EXT_MASK, rtnl.ExtVF|rtnl.ExtSkipStats)
	more := true
	return ds.Conn.Repeat(&b, func() {}, func(m nl.Message) error {
		l, err := rtnl.ParseLink(m)
		if err == nil && more {
			more = each(ds.add(l))
		}
		return err
	})
}
