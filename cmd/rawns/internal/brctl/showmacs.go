package brctl

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/rtnl"
)

// A mac is one entry of a bridge's forwarding table.
type mac struct {
	addr  [6]byte
	port  uint8 // the number's lower byte: more does not fit where the original finds it
	local bool
	age   uint32 // hundredths of a second; 0 for what does not age
	at    int    // its place in the table
}

func (s *showMACs) run(r *runner) int {
	macs, err := r.macs(s.bridge)
	if err != nil {
		return fail("read of forward table failed: ", reason(err))
	}
	// Equals keep their order, as the C library's qsort leaves them if they fit
	// its memory: the same address in several VLANs is printed several times.
	for i := range macs {
		macs[i].at = i
	}
	order := sorted(macs, func(a, b *mac) int {
		if c := bytes.Compare(a.addr[:], b.addr[:]); c != 0 {
			return c
		}
		return a.at - b.at
	})
	o := r.out.S("port no\tmac addr\t\tis local?\tageing timer\n")
	for _, m := range order {
		o.Right(strconv.Itoa(int(m.port)), 3).C('\t')
		o.B = cli.AppendMAC(o.B, m.addr[:])
		if m.local {
			o.S("\tyes\t\t")
		} else {
			o.S("\tno\t\t")
		}
		o.B = appendTime(o.B, uint64(m.age))
		o.NL()
	}
	return 0
}

// macs reads a bridge's forwarding table.
func (r *runner) macs(name string) (macs []mac, err error) {
	d, err := r.bridge(name)
	if err != nil {
		return nil, err
	}
	if macs, err = r.oldMACs(d.name); err == nil {
		return macs, nil
	}
	return r.listMACs(&d)
}

// listMACs is for a kernel without the old ioctls: messages, from which also the
// numbers of the ports have to be gathered.
func (r *runner) listMACs(d *device) (macs []mac, err error) {
	numbers := map[int32]uint16{}
	err = r.ports(d.index, func() { clear(numbers) }, func(p *port) { numbers[p.index] = p.number })
	if err != nil {
		return nil, err
	}
	err = r.dump(func(b *nl.Builder) {
		rtnl.GetNeigh(b, rtnl.NdMsg{Family: unix.AF_BRIDGE})
		b.U32(rtnl.NDA_MASTER, uint32(d.index))
	}, func() { macs = macs[:0] }, func(msg nl.Message) error {
		n, err := rtnl.ParseNeigh(msg)
		if err != nil {
			return err
		}
		// What has no port is the bridge's own, which the original leaves out.
		if number, known := numbers[n.Index]; known {
			if m, ok := parseMAC(n, d.index); ok {
				m.port = uint8(number)
				macs = append(macs, m)
			}
		}
		return nil
	})
	return macs, err
}

// parseMAC reads an entry of one bridge. Others in the dump are a device's own
// (without NDA_MASTER), another bridge's (an old kernel does not filter), and
// expired ones that wait to be swept up.
func parseMAC(n rtnl.Neigh, bridge int32) (m mac, ok bool) {
	master, _ := n.Attrs.U32(rtnl.NDA_MASTER)
	addr, _ := n.Attrs.MAC(rtnl.NDA_LLADDR)
	if int32(master) != bridge || len(addr) != len(m.addr) || n.State == unix.NUD_STALE {
		return m, false
	}
	copy(m.addr[:], addr)
	m.local = n.State&unix.NUD_PERMANENT != 0
	if n.State&(unix.NUD_PERMANENT|unix.NUD_NOARP) == 0 {
		// struct nda_cacheinfo: ndm_updated is how long ago
		if ci, _ := n.Attrs.Blob(rtnl.NDA_CACHEINFO); len(ci) >= 12 {
			m.age = binary.NativeEndian.Uint32(ci[8:])
		}
	}
	return m, true
}
