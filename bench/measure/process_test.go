package measure

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommand measures programs of known needs with the launcher.
func TestCommand(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		cc = "gcc"
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	launch := filepath.Join(filepath.Dir(self), "c-launch") // where Beside looks
	if out, err := exec.Command(cc, "-O2", "-static", "-o", launch, "../c/launch.c").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	each, err := Command{Args: []string{"sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"}, Repeat: 3, Pin: true}.RunEach()
	if err != nil || len(each) != 3 {
		t.Fatalf("%d samples: %v", len(each), err)
	}
	for _, s := range each {
		if s["wall"] <= 0 || s["CPU"] <= 0 || s["CPU"] > s["wall"]+20 || s["memory"] < 100 || s["faults"] < 10 {
			t.Errorf("a shell that counts takes %v", s)
		}
	}
	// The memory of a small program is not that of this one, which has 64 MB in use.
	large := make([]byte, 64<<20)
	for i := 0; i < len(large); i += 4096 {
		large[i] = 1
	}
	s, err := Command{Args: []string{"true"}}.Run()
	if err != nil || s["memory"] > 32<<10 {
		t.Errorf("true takes %v kB: %v", s["memory"], err)
	}
	if large[4096] != 1 {
		t.Fatal("the memory is gone")
	}
	if _, err := (Command{Args: []string{"/bin/sh", "-c", "echo because >&2; exit 3"}}).Run(); err == nil || !strings.Contains(err.Error(), "exit code 3: because") || !strings.HasPrefix(err.Error(), "sh -c") {
		t.Errorf("a command that fails: %v", err)
	}
	if _, err := (Command{Args: []string{"sh", "-c", "exit 3"}, Codes: []int{3}}).Run(); err != nil {
		t.Errorf("a code that is right: %v", err)
	}
	if _, err := (Command{Args: []string{"there-is-no-such-program"}}).Run(); err == nil {
		t.Error("a program that does not exist")
	}
}

// TestSandbox looks at the world from within.
func TestSandbox(t *testing.T) {
	outside, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		t.Fatal(err)
	}
	netns, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	ran := false
	err = Sandbox(func() error {
		ran = true
		out, err := exec.Command("sh", "-c", "readlink /proc/self/ns/net; test $(ls /sys/class/net | wc -l) = $(($(wc -l </proc/net/dev) - 2)) && echo same; ls -A /run | wc -l; touch /run/mine").CombinedOutput()
		if got := strings.Fields(string(out)); len(got) != 3 || got[0] == netns || got[1] != "same" || got[2] != "0" {
			t.Errorf("inside there are %q: %v", got, err)
		}
		return err
	})
	if os.Geteuid() != 0 {
		if !errors.Is(err, errSandbox) || ran {
			t.Errorf("without root: %v", err)
		}
		return
	}
	if err != nil || !ran {
		t.Fatal(err)
	}
	after, err := os.ReadFile("/proc/net/dev")
	if err != nil || strings.Count(string(after), "\n") != strings.Count(string(outside), "\n") {
		t.Errorf("the links outside are others now: %v\n%s", err, after)
	}
	if _, err := os.Stat("/run/mine"); err == nil {
		t.Error("a file of the sandbox is outside")
	}
}
