//go:build !tiny

package ip

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

// nhaCount is how many NHA_ numbers are known, 0 included.
const nhaCount = int(rtnl.NHA_HW_STATS_USED) + 1

// nexthopReply is what shows the next hop that answers a request.
func (p *printer) nexthopReply(r *runner, m nl.Message) {
	if v, err := rtnl.ParseNexthop(m); err == nil {
		p.nexthopLine(r, m, &v)
	}
}

// nexthopLine writes a next hop of a list.
func (p *printer) nexthopLine(r *runner, m nl.Message, v *rtnl.Nexthop) {
	p.nexthopObject(r, "", m, v)
	p.End()
	p.o.S() // write what there is of it: JSON alone does not
}

// nexthopObject writes a next hop.
func (p *printer) nexthopObject(r *runner, k string, m nl.Message, v *rtnl.Nexthop) {
	var at [nhaCount]nl.Attr
	v.Attrs.Index(at[:])
	details := r.g.details > 0
	p.Obj(k)
	if m.Type() == unix.RTM_DELNEXTHOP {
		p.Flag("deleted", "Deleted ")
	}
	id, _ := at[rtnl.NHA_ID].U32()
	p.Uint("id", "id ", uint64(id), " ")
	if b := at[rtnl.NHA_GROUP].Bytes(); len(b) >= groupLen {
		p.nexthopMembers(b)
	}
	if n, _ := at[rtnl.NHA_GROUP_TYPE].U16(); n != 0 {
		name := rtnl.NexthopGroupTypes.Name(uint32(n))
		if name == "" {
			name = "<unknown type>"
		}
		p.Str("type", "type ", name, " ")
	}
	if a := at[rtnl.NHA_RES_GROUP]; a.Present() {
		as := a.Attrs()
		p.Obj("resilient_args")
		buckets, _ := as.U16(rtnl.NHA_RES_GROUP_BUCKETS)
		idle, _ := as.U32(rtnl.NHA_RES_GROUP_IDLE_TIMER)
		timer, _ := as.U32(rtnl.NHA_RES_GROUP_UNBALANCED_TIMER)
		time, _ := as.U64(rtnl.NHA_RES_GROUP_UNBALANCED_TIME)
		p.Uint("buckets", "buckets ", uint64(buckets), " ")
		p.centiseconds("idle_timer", uint64(idle))
		p.centiseconds("unbalanced_timer", uint64(timer))
		p.centiseconds("unbalanced_time", time)
		p.EndObj()
	}
	p.encap(r, at[rtnl.NHA_ENCAP_TYPE], at[rtnl.NHA_ENCAP])
	p.gateway(v.Family, at[rtnl.NHA_GATEWAY])
	if i, _ := at[rtnl.NHA_OIF].U32(); i != 0 {
		p.routeDevice("dev", r.name(int32(i)))
	}
	if v.Scope != unix.RT_SCOPE_UNIVERSE || details {
		p.Str("scope", "scope ", scopeNames.name(uint32(v.Scope), p.num), " ")
	}
	if at[rtnl.NHA_BLACKHOLE].Present() {
		p.null("blackhole", "blackhole ")
	}
	if v.Protocol != unix.RTPROT_UNSPEC || details {
		p.Str("protocol", "proto ", protoNames.name(uint32(v.Protocol), p.num), " ")
	}
	p.routeFlags(v.Flags)
	if at[rtnl.NHA_FDB].Present() {
		p.null("fdb", "fdb")
	}
	p.EndObj()
}

// nexthopMembers writes NHA_GROUP.
func (p *printer) nexthopMembers(b []byte) {
	p.Arr("group", "group ")
	for i := 0; len(b) >= groupLen; i++ {
		p.Obj("")
		if i > 0 {
			p.T("/")
		}
		p.Uint("id", "", uint64(binary.NativeEndian.Uint32(b)), "")
		if n := b[groupWeight]; n != 0 {
			p.Uint("weight", ",", uint64(n)+1, "")
		}
		p.EndObj()
		b = b[groupLen:]
	}
	p.EndArr(" ")
}

// centiseconds writes hundredths of a second as seconds, as printf's "%g" does.
func (p *printer) centiseconds(k string, v uint64) {
	s := strconv.FormatFloat(float64(v)/userHz, 'g', 6, 64)
	p.JNumber(k, s)
	p.T(k, " ", s, " ")
}

// bucket writes a bucket of a resilient group.
func (p *printer) bucket(m nl.Message) error {
	v, err := rtnl.ParseNexthopBucket(m)
	if err != nil {
		return err
	}
	p.Obj("")
	if id, ok := v.Attrs.U32(rtnl.NHA_ID); ok {
		p.Uint("id", "id ", uint64(id), " ")
	}
	if as := v.Attrs.NestF(rtnl.NHA_RES_BUCKET); as != nil {
		p.Obj("bucket")
		if n, ok := as.U16(rtnl.NHA_RES_BUCKET_INDEX); ok {
			p.Uint("index", "index ", uint64(n), " ")
		}
		if n, ok := as.U64(rtnl.NHA_RES_BUCKET_IDLE_TIME); ok {
			p.centiseconds("idle_time", n)
		}
		if n, ok := as.U32(rtnl.NHA_RES_BUCKET_NH_ID); ok {
			p.Uint("nhid", "nhid ", uint64(n), " ")
		}
		p.EndObj()
	}
	p.routeFlags(v.Flags)
	p.End()
	p.EndObj()
	p.o.S() // write what there is of it: JSON alone does not
	return nil
}

// nexthopInfo writes the next hop that a route refers to, if it is there.
func (p *printer) nexthopInfo(r *runner, id uint32) {
	c, err := r.aside()
	if err != nil {
		return
	}
	var b nl.Builder
	getNexthop(&b, r.g.family, id)
	var m nl.Message
	c.Do(&b, func(answer nl.Message) { m = append(m[:0], answer...) })
	if v, err := rtnl.ParseNexthop(m); err == nil {
		p.T("\n\tnh_info ")
		p.nexthopObject(r, "nh_info", m, &v)
	}
}
