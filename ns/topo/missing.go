package topo

import (
	"bytes"
	"errors"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
	"rawns/ns"
)

// Missing compares a topology that Apply has made with what there is now, and
// returns a sentence for each difference: none if all of it stands.
func (s *Spec) Missing(r *Record) ([]string, error) {
	var out []string
	conns := map[string]*nl.Conn{}
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	if err := r.here(); err != nil {
		return nil, err
	}
	for _, sp := range r.Spaces {
		n, err := ns.Open(sp.Name)
		switch {
		case errors.Is(err, unix.ENOENT), errors.Is(err, ns.ErrNotNetns):
			out = append(out, "namespace "+sp.Name+" is gone")
			continue
		case err != nil:
			return nil, err
		}
		if !idOf(n).is(sp.ID) {
			out = append(out, "namespace "+sp.Name+" is another one now")
			n.Close()
			continue
		}
		c, err := n.Dial()
		n.Close()
		if err != nil {
			return nil, err
		}
		conns[sp.Name] = c
	}
	host, err := nl.Dial(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	conns[""] = host
	link := func(space, name, master string, addrs []Prefix) error {
		if conns[space] == nil {
			return nil // said above
		}
		what, err := missingLink(conns[space], name, master, addrs)
		if what != "" {
			if space != "" {
				name = space + ":" + name
			}
			out = append(out, name+" "+what)
		}
		return err
	}
	for i := range s.Links {
		l := &s.Links[i]
		if err := link(l.NS, l.Name, l.Master, l.Addrs); err != nil {
			return nil, err
		}
	}
	alive, err := Services(r.Token)
	if err != nil {
		return nil, err
	}
	if len(alive) < len(s.Services) {
		out = append(out, "a service has ended")
	}
	return out, nil
}

// missingLink says what a link lacks, "" if nothing.
func missingLink(c *nl.Conn, name, master string, addrs []Prefix) (string, error) {
	var index int32
	var flags, port uint32
	err := rtnl.LinkByName(c, name, rtnl.ExtSkipStats, func(l rtnl.Link) {
		index, flags = l.Index, l.Flags
		port, _ = l.Attrs.U32(rtnl.IFLA_MASTER)
	})
	if errors.Is(err, unix.ENODEV) {
		return "is gone", nil
	}
	if err != nil {
		return "", err
	}
	if flags&unix.IFF_UP == 0 {
		return "is down", nil
	}
	if master != "" {
		m, err := rtnl.IndexByName(c, master)
		if err != nil && !errors.Is(err, unix.ENODEV) {
			return "", err
		}
		if m == 0 || uint32(m) != port {
			return "is no port of " + master, nil
		}
	}
	for _, want := range addrs {
		var b nl.Builder
		rtnl.GetAddr(&b, unix.AF_UNSPEC, index)
		list, err := c.List(&b, nil)
		if err != nil {
			return "", err
		}
		found := false
		for m := range nl.Messages(list) {
			a, err := rtnl.ParseAddr(m)
			if err != nil || a.Index != index || a.PrefixLen != want.Bits {
				continue
			}
			ip, ok := a.Attrs.IP(rtnl.IFA_LOCAL)
			if !ok { // IPv6 without a peer has only this one
				ip, _ = a.Attrs.IP(rtnl.IFA_ADDRESS)
			}
			found = found || bytes.Equal(ip, want.IP)
		}
		if !found {
			return "has lost " + want.String(), nil
		}
	}
	return "", nil
}
