package explain

import (
	"encoding/binary"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/nl"
	"rawns/nl/rtnl"
)

func TestRefusal(t *testing.T) {
	var b nl.Builder
	rtnl.NewLink(&b, 0, rtnl.IfInfomsg{Index: 1})
	at := b.Size()
	b.U16(nl.AttrU16(rtnl.IFLA_MTU), 1400)
	req, _ := b.Bytes()
	req = append([]byte(nil), req...)
	ack := func(tlvs func(b *nl.Builder)) []byte {
		var b nl.Builder
		b.Message(unix.NLMSG_ERROR, unix.NLM_F_CAPPED|unix.NLM_F_ACK_TLVS)
		p := b.Extend(20)
		binary.NativeEndian.PutUint32(p, uint32(0xffffffff-33)) // -ERANGE
		copy(p[4:], req[:16])
		tlvs(&b)
		out, err := b.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	u64 := func(v int64) []byte { return binary.NativeEndian.AppendUint64(nil, uint64(v)) }
	for _, c := range []struct {
		tlvs func(b *nl.Builder)
		want string
	}{
		{func(*nl.Builder) {}, ""},
		{func(b *nl.Builder) { b.Str(1, "no\x1bway") }, `the kernel says "no\x1bway"`},
		{func(b *nl.Builder) { b.U32(2, uint32(at)) }, "it objects to IFLA_MTU at offset 32, which holds 2 bytes"},
		{func(b *nl.Builder) { b.U32(2, 33) }, "it objects to offset 33, where no attribute begins"},
		{func(b *nl.Builder) { b.U32(2, 1<<30) }, "it objects to offset 1048576, where no attribute begins"},
		{func(b *nl.Builder) {
			b.U32(2, uint32(at))
			m := b.Nest(4)
			b.U32(1, unix.NL_ATTR_TYPE_U32)
			b.Blob(4, u64(68))
			b.Blob(5, u64(65535))
			b.End(m)
		}, "it objects to IFLA_MTU at offset 32, which holds 2 bytes; it wants a u32 from 68 to 65535"},
		{func(b *nl.Builder) {
			b.U32(2, uint32(at))
			m := b.Nest(4)
			b.U32(1, unix.NL_ATTR_TYPE_S32)
			b.Blob(2, u64(-5))
			b.Blob(3, u64(5))
			b.End(m)
		}, "it objects to IFLA_MTU at offset 32, which holds 2 bytes; it wants an s32 from -5 to 5"},
		{func(b *nl.Builder) {
			b.U32(2, uint32(at))
			m := b.Nest(4)
			b.U32(1, unix.NL_ATTR_TYPE_BINARY)
			b.U32(6, 4)
			b.U32(7, 8)
			b.End(m)
		}, "it objects to IFLA_MTU at offset 32, which holds 2 bytes; it wants bytes of at least 4 bytes of at most 8 bytes"},
		{func(b *nl.Builder) { b.U32(5, uint32(rtnl.IFLA_LINKINFO)) }, "IFLA_LINKINFO is missing"},
		{func(b *nl.Builder) { b.U32(5, 4000) }, "attribute 4000 is missing"},
	} {
		if got := strings.Join(Refusal(ack(c.tlvs), Options{Request: req}), "|"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestHint(t *testing.T) {
	for _, c := range []struct {
		typ   uint16
		errno syscall.Errno
		want  string
	}{
		{unix.RTM_NEWLINK, unix.EEXIST, "a link of that name"}, {unix.RTM_SETLINK, unix.EOPNOTSUPP, "its module is not loaded"}, {unix.RTM_DELADDR, unix.EADDRNOTAVAIL, "no such address"},
		{unix.RTM_NEWADDR, unix.EPERM, "CAP_NET_ADMIN is missing in the user namespace"}, {unix.RTM_GETLINK, unix.ENODEV, "no such interface"}, {unix.RTM_NEWLINK, unix.EINVAL, "lo cannot be a port"},
		{unix.RTM_NEWLINK, unix.EBUSY, "has a master already"}, {unix.RTM_NEWLINK, unix.E2BIG, ""},
	} {
		if got := Hint(c.typ, c.errno); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%d %v: %q", c.typ, c.errno, got)
		}
	}
}
