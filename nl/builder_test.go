package nl

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

func TestBuilderLayout(t *testing.T) {
	var b Builder
	b.Message(16, 0x605)
	copy(b.Extend(3), "abc")
	b.U8(1, 0xfe)
	n := b.Nest(2)
	b.Str(3, "hi")
	m := b.NestF(4)
	b.StrN(5, "hi")
	b.Flag(6)
	b.End(m)
	b.End(n)
	b.Message(17, 0)
	p, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	o := binary.NativeEndian
	var w []byte
	u16 := func(vs ...uint16) {
		for _, v := range vs {
			w = o.AppendUint16(w, v)
		}
	}
	u32 := func(vs ...uint32) {
		for _, v := range vs {
			w = o.AppendUint32(w, v)
		}
	}
	u32(56)
	u16(16, 0x605)
	u32(0, 0)
	w = append(w, "abc\x00"...)
	u16(5, 1)
	w = append(w, 0xfe, 0, 0, 0)
	u16(28, 2)
	u16(7, 3)
	w = append(w, "hi\x00\x00"...)
	u16(16, 4|0x8000)
	u16(6, 5)
	w = append(w, "hi\x00\x00"...)
	u16(4, 6)
	u32(16)
	u16(17, 0)
	u32(0, 0)
	if !bytes.Equal(p, w) {
		t.Errorf("got  %x\nwant %x", p, w)
	}
	if b.Len() != 2 || b.Size() != len(p) {
		t.Errorf("Len %d, Size %d, want 2, %d", b.Len(), b.Size(), len(p))
	}
}

// Each row makes a Builder fail; the error sticks and nothing is returned.
func TestBuilderRefuses(t *testing.T) {
	big := make([]byte, 65532)
	for name, c := range map[string]struct {
		f    func(b *Builder)
		want error
	}{
		"attribute without message":  {func(b *Builder) { b.U32(1, 1) }, ErrNoMessage},
		"header without message":     {func(b *Builder) { b.Extend(4) }, ErrNoMessage},
		"nest without message":       {func(b *Builder) { b.End(b.Nest(1)) }, ErrNoMessage},
		"open nest":                  {func(b *Builder) { b.Message(1, 0); b.Nest(1) }, ErrOpenNest},
		"open nest, next message":    {func(b *Builder) { b.Message(1, 0); b.Nest(1); b.Message(1, 0) }, ErrOpenNest},
		"end without nest":           {func(b *Builder) { b.Message(1, 0); b.End(16) }, ErrOpenNest},
		"end twice":                  {func(b *Builder) { b.Message(1, 0); n := b.Nest(1); b.End(n); b.End(n) }, ErrOpenNest},
		"mark of an earlier message": {func(b *Builder) { b.Message(1, 0); n := b.Nest(1); b.Message(1, 0); b.End(n) }, ErrOpenNest},
		"end of the outer nest first": {func(b *Builder) {
			b.Message(1, 0)
			x := b.Nest(1)
			b.Nest(2)
			b.End(x)
		}, ErrOpenNest},
		"nests too deep": {func(b *Builder) {
			b.Message(1, 0)
			for range 17 {
				b.Nest(1)
			}
		}, ErrOpenNest},
		"NUL in a string":             {func(b *Builder) { b.Message(1, 0); b.Str(1, "a\x00b") }, ErrNUL},
		"65532 bytes in an attribute": {func(b *Builder) { b.Message(1, 0); b.Blob(7, big) }, &AttrTooLongError{7, 65532}},
		"a nest of more than 64 KiB": {func(b *Builder) {
			b.Message(1, 0)
			n := b.NestF(9)
			for range 17 {
				b.Blob(7, big[:4000])
			}
			b.End(n)
		}, &AttrTooLongError{9, 17 * 4004}},
	} {
		var b Builder
		c.f(&b)
		p, err := b.Bytes()
		var long *AttrTooLongError
		if errors.As(c.want, &long) {
			var got *AttrTooLongError
			if !errors.As(err, &got) || *got != *long {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		} else if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if p != nil {
			t.Errorf("%s: returned %d bytes with an error", name, len(p))
		}
		if err := (&Conn{t: &fakeKernel{}}).Do(&b, nil); err == nil {
			t.Errorf("%s: Do took it", name)
		}
		b.Reset()
		b.Message(1, 0)
		if _, err := b.Bytes(); err != nil {
			t.Errorf("%s: after Reset: %v", name, err)
		}
	}
}

// The largest attribute, and a message of far more than 64 KiB, are legal.
// TestTexts tries texts of each short length, with and without a NUL at each place, where the buffer
// holds something else and where it has to grow.
func TestTexts(t *testing.T) {
	const text = "\x01z\x80\xff\x7f0-9abcdefgh"
	for n := range len(text) + 1 {
		for nul := range 2 {
			for _, room := range []int{0, 64} {
				for zero := -1; zero < n; zero++ {
					in := []byte(text[:n])
					if zero >= 0 {
						in[zero] = 0
					}
					b := Builder{buf: bytes.Repeat([]byte{0xaa}, HeaderLen+room)[:0]}
					b.Message(1, 0)
					b.str(7, string(in), nul)
					p, err := b.Bytes()
					if zero >= 0 {
						if !errors.Is(err, ErrNUL) {
							t.Errorf("%q, of which byte %d is 0: %v", in, zero, err)
						}
						continue
					}
					want := append(binary.NativeEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, uint16(4+n+nul)), 7), in...)
					want = append(want, make([]byte, align(n+nul)-n)...)
					if err != nil || !bytes.Equal(p[HeaderLen:], want) {
						t.Errorf("%q: %x and not %x (%v)", in, p[HeaderLen:], want, err)
					}
				}
			}
		}
	}
}

func TestBuilderLarge(t *testing.T) {
	var b Builder
	b.Message(1, 0)
	big := bytes.Repeat([]byte{7}, 65531)
	b.Blob(1, big)
	b.Blob(2, big)
	p, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(p); err != nil {
		t.Error(err)
	}
	as := Message(p).Attrs(0)
	if err := as.Check(); err != nil {
		t.Error(err)
	}
	if v, ok := as.Blob(2); !ok || !bytes.Equal(v, big) {
		t.Errorf("second attribute: %d bytes, %v", len(v), ok)
	}
}

func TestPutU32(t *testing.T) {
	var b Builder
	b.Message(1, 0)
	at := b.Size() + AttrHeaderLen
	b.U32(3, 0)
	b.PutU32(at, 77)
	for _, bad := range []int{-1, 0, 12, at + 1, 1 << 30} {
		b.PutU32(bad, 99)
	}
	p, _ := b.Bytes()
	if v, ok := Message(p).Attrs(0).U32(3); v != 77 || !ok || Message(p).Type() != 1 {
		t.Errorf("%d %v in %x", v, ok, p)
	}
}

func TestEncodeAllocs(t *testing.T) {
	var b Builder
	mac := []byte{2, 0, 0, 0, 0, 1}
	n := testing.AllocsPerRun(100, func() {
		b.Reset()
		for range 10 {
			b.Message(16, 1)
			b.Extend(16)
			b.Str(3, "vethtest01")
			o := b.Nest(18)
			b.StrN(1, "veth")
			i := b.NestF(2)
			b.U32(4, 1500)
			b.MAC(1, mac)
			b.End(i)
			b.End(o)
		}
		if _, err := b.Bytes(); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations to encode", n)
	}
}

// TestReuse has a buffer that is used again hold what a new one would: padding and the NUL of
// texts must not be what stood there before.
func TestReuse(t *testing.T) {
	fill := func(b *Builder) []byte {
		copy(b.Begin(17, 5, 3), "fix")
		b.Message(16, 5)
		copy(b.Extend(5), "fixed")
		b.Str(3, "veth0")
		b.Str(3, "eth")
		b.StrN(1, "bridge")
		b.U8(1, 7)
		b.U16(1, 7)
		b.U32(1, 7)
		b.U64(1, 7)
		b.IP(1, []byte{1, 2, 3, 4})
		b.IP(1, make([]byte, 16))
		b.MAC(1, []byte{1, 2, 3, 4, 5, 6})
		b.Flag(1)
		m := b.Nest(2)
		b.Blob(9, []byte{1})
		b.End(m)
		p, err := b.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var fresh, used Builder
	used.Message(1, 1)
	used.Blob(1, bytes.Repeat([]byte{0xff}, 1000))
	used.Reset()
	if want, got := fill(&fresh), fill(&used); !bytes.Equal(got, want) {
		t.Errorf("a used buffer holds\n%x\nand not\n%x", got, want)
	}
}
