package httpserver

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ownPages is how many kB of its code and constants a process has in memory.
func ownPages(t *testing.T, pid int) (kB int) {
	t.Helper()
	dir := "/proc/" + strconv.Itoa(pid)
	exe, err := os.Readlink(dir + "/exe")
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile(dir + "/smaps")
	if err != nil {
		t.Fatal(err)
	}
	ours := false
	for line := range strings.Lines(string(maps)) {
		if f := strings.Fields(line); len(f) > 1 && strings.Contains(f[0], "-") { // 00400000-00682000 r-xp ... /bin/rawns
			ours = strings.HasSuffix(f[len(f)-1], exe) && f[1][1] == '-'
		}
		n := 0
		if _, err := fmt.Sscanf(line, "Rss: %d kB", &n); err == nil && ours {
			kB += n
		}
	}
	return kB
}

// A server that has nothing to do gives its own pages back, each time, and serves
// on; the filter lets it.
func TestHTTPDSettles(t *testing.T) {
	t.Parallel()
	cmd, ports := runHTTPD(t, 1, "--listen", "127.0.0.1:0", "--body", "here")
	for most, fell, asked := 0, 0, 0; fell < 2; asked++ {
		if asked == 20 { // unless each time it had done so before anybody looked
			t.Fatalf("it takes %d kB", most)
		}
		if got := ask(t, "127.0.0.1:"+ports["127.0.0.1"], "GET / HTTP/1.0\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\nhere") {
			t.Fatalf("%q", got)
		}
		most = 0
		for start := time.Now(); time.Since(start) < 3*time.Second; time.Sleep(10 * time.Millisecond) {
			kB := ownPages(t, cmd.Process.Pid)
			if most = max(most, kB); kB < most {
				fell++
				break
			}
		}
	}
}
