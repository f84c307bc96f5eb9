package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

func TestSelftest(t *testing.T) {
	nstest.Sandbox(t)
	before := hostState(t)
	r := rawns(t, "selftest")
	if r.Code != 0 || r.Stderr != "" {
		t.Fatalf("%+v", r)
	}
	lines := strings.Split(strings.TrimSuffix(r.Stdout, "\n"), "\n")
	ok, no := map[string]bool{}, 0
	for _, l := range lines[:len(lines)-1] {
		if name, found := strings.CutPrefix(l, "ok "); found {
			ok[name] = true
		} else if strings.HasPrefix(l, "no ") && strings.Contains(l, ": ") {
			no++
		} else {
			t.Errorf("%q", l)
		}
	}
	if want := fmt.Sprintf("selftest: %d ok, %d missing, 0 failed", len(ok), no); lines[len(lines)-1] != want {
		t.Errorf("%q, not %q", lines[len(lines)-1], want)
	}
	// What these tests need themselves.
	for _, name := range []string{"/proc/self/ns/net", "codec", "a veth into a namespace", "link type bridge", "IPv6 routes", "a page through a bridge", "its end"} {
		if !ok[name] {
			t.Errorf("%s is not ok:\n%s", name, r.Stdout)
		}
	}
	if names, err := os.ReadDir("/run/netns"); err == nil && len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	if s := hostState(t); s != before {
		t.Errorf("before\n%safter\n%s", before, s)
	}
	if r := rawns(t, "selftest", "now"); r.Code != 2 || !strings.Contains(r.Stderr, `"now" is no option`) {
		t.Errorf("%+v", r)
	}
}

func TestSelftestJSON(t *testing.T) {
	r := rawns(t, "selftest", "--json")
	var list []struct{ Name, Result, Config, Module, Why string }
	if err := json.Unmarshal([]byte(r.Stdout), &list); err != nil || r.Code != 0 {
		t.Fatalf("%v: %+v", err, r)
	}
	for _, l := range list {
		if l.Name == "" || l.Result != "ok" && (l.Result != "missing" || l.Config == "") || l.Why != "" {
			t.Errorf("%+v", l)
		}
	}
	if len(list) < 90 {
		t.Errorf("%d results", len(list))
	}
}
