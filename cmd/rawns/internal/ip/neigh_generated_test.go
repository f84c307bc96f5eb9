//go:build !tiny

package ip

import "testing"

func TestGeneratedNeigh(t *testing.T) {
	undo := "/sbin/ip neigh flush dev v0 nud all; /sbin/ip neigh flush proxy dev v0"
	for _, cmd := range []string{"add", "replace", "del"} {
		runGenerated(t, generator{tables: []*table{&neighTable}, before: "ip neigh " + cmd + " 10.1.1.9 dev v0", undo: undo})
	}
	runGenerated(t, generator{tables: []*table{&neighTable}, before: "ip neigh add", after: "dev v0", undo: undo})
}

func TestGeneratedNtable(t *testing.T) {
	// As for "retrans", which the stock tool takes to be of 64 bits.
	runGenerated(t, generator{tables: []*table{&ntableTable}, before: "ip ntable change name ndisc_cache", undo: ":", skip: []string{"name"}})
}

func TestGeneratedXfrm(t *testing.T) {
	needXfrm(t)
	runGenerated(t,
		generator{tables: []*table{&xfrmPolicyTable}, before: "ip xfrm policy add src 10.1.0.0/16", after: "dir out", undo: "/sbin/ip xfrm policy flush", skip: []string{"dir"}},
		generator{tables: []*table{&xfrmStateTable}, before: "ip xfrm state add src 10.0.0.1 proto esp spi 5 enc x y", undo: "/sbin/ip xfrm state flush"})
}
