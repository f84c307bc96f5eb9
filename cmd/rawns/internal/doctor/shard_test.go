package doctor

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

// shards is how many processes share the cases of a test. Each has a network of
// its own to be the host's, and a /run/netns; most of the time all of them wait
// for the kernel.
const shards = 8

// inShards runs a test's cases as subtests, each in one of some copies of this
// test binary.
func inShards(t *testing.T, names []string, run func(t *testing.T, i int)) {
	nstest.Sandbox(t)
	if shard := os.Getenv("RAWNS_SHARD"); shard != "" {
		var n int
		var dir string
		if _, err := fmt.Sscanf(shard, "%d %s", &n, &dir); err != nil {
			t.Fatal(err)
		}
		furnish(t)
		for i := n; i < len(names); i += shards {
			t.Run(names[i], func(t *testing.T) {
				t.Cleanup(func() {
					result := "passed"
					if t.Failed() {
						result = "failed"
					} else if t.Skipped() {
						result = "skipped"
					}
					if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(result), 0o644); err != nil {
						t.Error(err)
					}
				})
				run(t, i)
			})
		}
		return
	}

	dir := t.TempDir()
	pattern := "^" + t.Name() + "$"
	if _, sub, ok := strings.Cut(flag.Lookup("test.run").Value.String(), "/"); ok {
		pattern += "/" + sub
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		out []byte
		err error
	}
	results := make([]result, shards)
	done := make(chan int)
	for n := range results {
		cmd := exec.Command(self, "-test.run", pattern, "-test.v")
		cmd.Env = append(os.Environ(), fmt.Sprintf("RAWNS_SHARD=%d %s", n, dir))
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS}
		go func() {
			results[n].out, results[n].err = cmd.CombinedOutput()
			done <- n
		}()
	}
	for range results {
		n := <-done
		if results[n].err != nil {
			t.Errorf("share %d of %d: %v\n%s", n, shards, results[n].err, results[n].out)
		}
	}
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			switch got, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i))); {
			case err != nil:
				t.Error("it has no result: ", err)
			case string(got) == "skipped":
				// Its reason is the last line with a place in front of the next case, or of its result.
				_, after, _ := strings.Cut(string(results[i%shards].out), "=== RUN   "+t.Name()+"\n")
				after, _, _ = strings.Cut(after, "=== RUN ")
				after, _, _ = strings.Cut(after, "--- SKIP: "+t.Name()+" ")
				_, reason, _ := strings.Cut(after[strings.LastIndex(after, ".go:")+1:], ": ")
				reason, _, _ = strings.Cut(reason, "\n")
				t.Skip(reason)
			case string(got) != "passed":
				t.Error(string(got), ": see above")
			}
		})
	}
}

// furnish gives this process, which has a mount namespace of its own, an empty
// /run, and a /sys that shows its own links.
func furnish(t *testing.T) {
	t.Helper()
	for _, m := range []struct{ fs, dir string }{{"tmpfs", "/run"}, {"sysfs", "/sys"}} {
		if err := unix.Mount(m.fs, m.dir, m.fs, 0, ""); err != nil {
			t.Fatal(m.dir, ": ", err)
		}
	}
}
