package nl

import (
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
)

// message builds bytes by hand, lengths as given, so that they can lie.
func message(length uint32, payload ...byte) []byte {
	p := binary.NativeEndian.AppendUint32(nil, length)
	p = append(p, make([]byte, 12)...)
	return append(p, payload...)
}

func attr(length uint16, payload ...byte) []byte {
	p := binary.NativeEndian.AppendUint16(nil, length)
	p = binary.NativeEndian.AppendUint16(p, 1)
	return append(p, payload...)
}

func TestCheck(t *testing.T) {
	two := append(message(17, 1, 0, 0, 0), message(16)...)
	for name, c := range map[string]struct {
		p    []byte
		want *LengthError
		n    int // messages that can be read all the same
	}{
		"empty":                 {nil, nil, 0},
		"one":                   {message(16), nil, 1},
		"two, first padded":     {two, nil, 2},
		"last without its pad":  {message(17, 1), nil, 1},
		"half a header":         {message(16)[:9], &LengthError{"message", 0, 16, 9}, 0},
		"length 0":              {message(0), &LengthError{"message", 0, 0, 16}, 0},
		"length 15":             {message(15), &LengthError{"message", 0, 15, 16}, 0},
		"longer than there is":  {message(24, 1, 2, 3, 4), &LengthError{"message", 0, 24, 20}, 0},
		"four gigabytes":        {message(0xffffffff), &LengthError{"message", 0, int(uint32Max), 16}, 0},
		"second lies":           {append(message(16), message(99)...), &LengthError{"message", 16, 99, 16}, 1},
		"rubbish behind":        {append(message(16), 1, 2, 3, 4), &LengthError{"message", 16, 16, 4}, 1},
		"aligned length is out": {append(message(17, 1, 0, 0, 0), message(16)[:15]...), &LengthError{"message", 20, 16, 15}, 1},
	} {
		err := Check(c.p)
		var got *LengthError
		if c.want == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &got) || *got != *c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		n := 0
		for range Messages(c.p) {
			n++
		}
		if n != c.n {
			t.Errorf("%s: %d messages, want %d", name, n, c.n)
		}
	}
}

var uint32Max = uint32(0xffffffff)

func TestAttrsCheck(t *testing.T) {
	for name, c := range map[string]struct {
		as   []byte
		want *LengthError
		n    int
	}{
		"empty":          {nil, nil, 0},
		"flag":           {attr(4), nil, 1},
		"padded":         {append(attr(5, 9, 0, 0, 0), attr(4)...), nil, 2},
		"pad missing":    {attr(5, 9), nil, 1},
		"length 3":       {attr(3), &LengthError{"attribute", 0, 3, 4}, 0},
		"too long":       {append(attr(4), attr(9, 1)...), &LengthError{"attribute", 4, 9, 5}, 1},
		"half a header":  {append(attr(4), 1, 2), &LengthError{"attribute", 4, 4, 2}, 1},
		"length 0 loops": {attr(0), &LengthError{"attribute", 0, 0, 4}, 0},
	} {
		err := Attrs(c.as).Check()
		var got *LengthError
		if c.want == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &got) || *got != *c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		n := 0
		for range Attrs(c.as).All() {
			n++
		}
		if n != c.n {
			t.Errorf("%s: %d attributes, want %d", name, n, c.n)
		}
	}
}

func TestAccessors(t *testing.T) {
	var b Builder
	b.Message(1, 0)
	b.U8(1, 0x81)
	b.U16(2, 0x8182)
	b.U32(3, 0x81828384)
	b.U64(4, 0x8182838485868788)
	b.S32(5, -5)
	b.BE16(6, 0x8182)
	b.BE32(7, 0x81828384)
	b.Str(8, "str")
	b.StrN(9, "str")
	b.Blob(10, []byte{1, 2, 3})
	b.IP(11, []byte{10, 1, 1, 2})
	b.MAC(12, []byte{2, 0, 0, 0, 0, 1})
	n := b.Nest(13)
	b.Flag(14)
	b.End(n)
	b.Blob(15, nil)
	p, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	as := Message(p).Attrs(0)
	if v, ok := as.U8(1); v != 0x81 || !ok {
		t.Error("U8", v, ok)
	}
	if v, ok := as.U16(2); v != 0x8182 || !ok {
		t.Error("U16", v, ok)
	}
	if v, ok := as.U32(3); v != 0x81828384 || !ok {
		t.Error("U32", v, ok)
	}
	if v, ok := as.U64(4); v != 0x8182838485868788 || !ok {
		t.Error("U64", v, ok)
	}
	if v, ok := as.S32(5); v != -5 || !ok {
		t.Error("S32", v, ok)
	}
	if v, ok := as.BE16(6); v != 0x8182 || !ok {
		t.Error("BE16", v, ok)
	}
	if a, _ := as.Get(6); string(a.Bytes()) != "\x81\x82" {
		t.Errorf("BE16 is %x on the wire", a.Bytes())
	}
	a, _ := as.Get(7)
	if v, ok := a.BE32(); v != 0x81828384 || !ok || string(a.Bytes()) != "\x81\x82\x83\x84" {
		t.Errorf("BE32 %x %v, %x on the wire", v, ok, a.Bytes())
	}
	if v, ok := as.Str(8); string(v) != "str" || !ok {
		t.Error("Str", v, ok)
	}
	if v, ok := as.StrN(9); string(v) != "str" || !ok {
		t.Error("StrN", v, ok)
	}
	if v, ok := as.IP(11); string(v) != "\x0a\x01\x01\x02" || !ok {
		t.Error("IP", v, ok)
	}
	if v, ok := as.IP(10); ok {
		t.Error("IP of three bytes", v)
	}
	if v, ok := as.MAC(12); len(v) != 6 || !ok {
		t.Error("MAC", v, ok)
	}
	if f, ok := as.Nest(13).Get(14); !ok || !f.Present() || len(f.Bytes()) != 0 {
		t.Error("flag in a nest", f, ok)
	}
	if as.Nest(99) != nil {
		t.Error("a nest that is not there")
	}
	if v, ok := as.U32(99); v != 0 || ok {
		t.Error("an attribute that is not there", v, ok)
	}
	// The wrong size is never an error, only not the value.
	if v, ok := as.U32(4); v != 0 || ok {
		t.Error("U32 of eight bytes", v, ok)
	}
	var tb [14]Attr
	as.Index(tb[:])
	if v, ok := tb[3].U32(); v != 0x81828384 || !ok || tb[0].Present() || !tb[13].Present() {
		t.Error("Index", v, ok)
	}
	var also [14]Attr
	if err := as.CheckIndex(also[:]); err != nil || !reflect.DeepEqual(tb, also) {
		t.Error("CheckIndex", err, also)
	}
	if err := as[:len(as)-1].CheckIndex(also[:]); err == nil {
		t.Error("CheckIndex of what is cut")
	}
}

func TestWalkAllocs(t *testing.T) {
	var b Builder
	for range 3 {
		b.Message(16, 0)
		b.Extend(16)
		b.Str(3, "eth0")
		n := b.Nest(18)
		b.StrN(1, "bridge")
		b.End(n)
		b.U32(4, 1500)
	}
	p, _ := b.Bytes()
	var tb [64]Attr
	sum := 0
	n := testing.AllocsPerRun(100, func() {
		if Check(p) != nil {
			t.Fatal("Check")
		}
		for m := range Messages(p) {
			as := m.Attrs(16)
			for a := range as.All() {
				sum += int(a.Type())
			}
			v, _ := as.U32(4)
			s, _ := as.Str(3)
			k, _ := as.Nest(18).StrN(1)
			sum += int(v) + len(s) + len(k)
			as.Index(tb[:])
		}
	})
	if n != 0 {
		t.Errorf("%v allocations to walk", n)
	}
	if want := 101 * 3 * (3 + 18 + 4 + 1500 + 4 + 6); sum != want {
		t.Errorf("sum %d, want %d", sum, want)
	}
}

// No received bytes make the views panic, and what Check lets through is
// walked to its end.
func FuzzView(f *testing.F) {
	f.Add(append(message(17, 1, 0, 0, 0), message(16)...))
	f.Add(append(message(24), attr(8, 1, 2, 3, 4)...))
	f.Fuzz(func(t *testing.T, p []byte) {
		err := Check(p)
		n := 0
		for m := range Messages(p) {
			n += align(len(m))
			for _, off := range []int{0, 4, 16, 1 << 20} {
				as := m.Attrs(off)
				aerr, an := as.Check(), 0
				for a := range as.All() {
					an += align(AttrHeaderLen + len(a.Bytes()))
					a.U8()
					a.U16()
					a.U32()
					a.U64()
					a.BE16()
					a.BE32()
					a.Str()
					for range a.Attrs().All() {
					}
				}
				var tb, also [20]Attr
				as.Index(tb[:])
				if e := as.CheckIndex(also[:]); (e == nil) != (aerr == nil) || e == nil && !reflect.DeepEqual(tb, also) {
					t.Fatalf("Check: %v; CheckIndex: %v, %v for %v", aerr, e, also, tb)
				}
				if (aerr == nil) != (an >= len(as)) {
					t.Fatalf("attributes: %v, but %d of %d bytes walked", aerr, an, len(as))
				}
			}
		}
		if (err == nil) != (n >= len(p)) {
			t.Fatalf("%v, but %d of %d bytes walked", err, n, len(p))
		}
	})
}
