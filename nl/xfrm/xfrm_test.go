package xfrm

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"rawns/nl"
)

// The attributes are numbered as in the kernel's header.
func TestAttrsAreTheHeaders(t *testing.T) {
	text, err := os.ReadFile("/usr/include/linux/xfrm.h")
	if err != nil {
		t.Skip("no linux/xfrm.h: ", err)
	}
	_, list, ok := strings.Cut(string(text), "enum xfrm_attr_type_t {")
	list, _, _ = strings.Cut(list, "__XFRMA_MAX")
	if !ok {
		t.Fatal("the header has no enum xfrm_attr_type_t")
	}
	n := 0
	for i, name := range regexp.MustCompile(`(?m)^\s*(XFRMA_\w+),`).FindAllStringSubmatch(list, -1) {
		f := Attrs.Field(uint16(i))
		if i == 0 {
			continue
		}
		if f == nil || f.Name != name[1] {
			t.Errorf("%s is number %d there; here that is %v", name[1], i, f)
			continue
		}
		n++
	}
	if n < 30 {
		t.Errorf("only %d attributes were compared", n)
	}
}

// So are the messages.
func TestTypesAreTheHeaders(t *testing.T) {
	text, err := os.ReadFile("/usr/include/linux/xfrm.h")
	if err != nil {
		t.Skip("no linux/xfrm.h: ", err)
	}
	numbers := map[string]int{}
	for i, name := range regexp.MustCompile(`(?m)^\s*(XFRM_MSG_\w+)(?: = 0x10)?,\s*$`).FindAllStringSubmatch(string(text), -1) {
		numbers[name[1]] = 0x10 + i - 1 // the first is the base itself
	}
	for name, want := range map[string]int{"NEWSA": MsgNewSA, "DELSA": MsgDelSA, "GETSA": MsgGetSA, "NEWPOLICY": MsgNewPolicy, "DELPOLICY": MsgDelPolicy,
		"GETPOLICY": MsgGetPolicy, "ALLOCSPI": MsgAllocSPI, "UPDPOLICY": MsgUpdPolicy, "UPDSA": MsgUpdSA, "FLUSHSA": MsgFlushSA, "FLUSHPOLICY": MsgFlushPolicy,
		"NEWSADINFO": MsgNewSADInfo, "GETSADINFO": MsgGetSADInfo, "NEWSPDINFO": MsgNewSPDInfo, "GETSPDINFO": MsgGetSPDInfo, "SETDEFAULT": MsgSetDefault, "GETDEFAULT": MsgGetDefault} {
		if got := numbers["XFRM_MSG_"+name]; got != want {
			t.Errorf("XFRM_MSG_%s is %#x there, %#x here", name, got, want)
		}
	}
}

// What is put is what is parsed.
func TestRoundTrip(t *testing.T) {
	sel := Selector{Dst: Address{1, 2}, Src: Address{3}, DPort: 4, DPortMask: 5, SPort: 6, SPortMask: 7, Family: 8, DstLen: 9, SrcLen: 10, Proto: 11, Index: -12, User: 13}
	lim := Limits{1, 2, 3, 4, 5, 6, 7, 8}
	sa := SAInfo{Sel: sel, ID: ID{Address{5}, 0x1234, 50}, Src: Address{6}, Limits: lim, Seq: 1, ReqID: 2, Family: 3, Mode: 4, ReplayWindow: 5, Flags: 6}
	var b nl.Builder
	SetSA(&b, MsgUpdSA, &sa)
	b.U32(XFRMA_IF_ID, 7)
	m, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseState(m)
	if id, _ := s.Attrs.U32(XFRMA_IF_ID); err != nil || s.SAInfo != sa || id != 7 {
		t.Errorf("%v %+v", err, s)
	}
	b.Reset()
	p := PolicyInfo{Sel: sel, Limits: lim, Priority: 1, Index: 2, Dir: 3, Action: 4, Flags: 5, Share: 6}
	SetPolicy(&b, MsgNewPolicy, &p)
	if m, err = b.Bytes(); err != nil {
		t.Fatal(err)
	}
	if q, err := ParsePolicy(m); err != nil || q.PolicyInfo != p {
		t.Errorf("%v %+v", err, q)
	}
	tmpl := Tmpl{ID: sa.ID, Family: 1, Src: Address{2}, ReqID: 3, Mode: 4, Share: 5, Optional: 6, Auths: 7, Encs: 8, Comps: 9}
	var tb [TmplLen + 5]byte
	tmpl.Put(tb[:])
	if ts := ParseTmpls(tb[:]); len(ts) != 1 || ts[0] != tmpl {
		t.Errorf("%+v", ts)
	}
}

// Messages that are cut short, or of another type, are refused.
func TestParseRefuses(t *testing.T) {
	var b nl.Builder
	SetSA(&b, MsgNewSA, &SAInfo{})
	m, _ := b.Bytes()
	for n := range len(m) {
		if _, err := ParseState(nl.Message(m[:n])); err == nil {
			t.Errorf("%d bytes are a state", n)
		}
	}
	if _, err := ParsePolicy(m); err != ErrType {
		t.Error(err)
	}
}
