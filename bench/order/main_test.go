package main

import (
	"slices"
	"testing"
)

// What many run is first, then what several families run, then each family's own, those of
// the same commands together.
func TestOrder(t *testing.T) {
	tr := &tracer{commands: []*command{
		{family: 0, ran: []string{"start", "mine", "shared", "read"}},
		{family: 0, ran: []string{"start", "read", "late"}},
		{family: 1, ran: []string{"start", "other", "shared"}},
		{family: 1, ran: []string{"start", "last"}},
		{family: 1, ran: []string{"start"}},
		{family: 1, ran: []string{"start"}},
		{family: 1, ran: []string{"start"}},
		{family: 1, ran: []string{"start"}},
		{family: 1, ran: []string{"start"}},
	}}
	want := []string{"start", "shared", "read", "mine", "late", "other", "last"}
	if got := tr.order(); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

func TestFamily(t *testing.T) {
	for applet, want := range map[string]int{"ip": 0, "ping": 1, "curl": 2, "up": len(families)} {
		if got := family(applet); got != want {
			t.Errorf("%s is of family %d, not %d", applet, got, want)
		}
	}
}
