package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rawns/ns/nstest"
)

func TestMain(m *testing.M) { nstest.Main(m) }

// TestPeers lets the servers that are made from this repository do each kind of load,
// with a few requests.
func TestPeers(t *testing.T) {
	nstest.Sandbox(t)
	dir := t.TempDir()
	if err := files(dir, configs()); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bench"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"go", "build", "-o", filepath.Join(dir, "rawns"), "rawns/cmd/rawns"},
		{"go", "build", "-o", filepath.Join(dir, "bench") + "/", "./peers/..."},
		{"gcc", "-O2", "-o", filepath.Join(dir, "bench", "c-http-floor"), "../c/http-floor.c"},
		{"gcc", "-O2", "-pthread", "-o", filepath.Join(dir, "bench", "c-http_server"), "../c/http_server.c"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	beside = func(name string) string { return filepath.Join(dir, "bench", name) }
	t.Chdir(dir)
	if err := furnishNet(); err != nil {
		t.Fatal(err)
	}
	core, _, err := cores()
	if err != nil {
		t.Fatal(err)
	}
	answered := map[string]int{}
	for _, l := range []load{
		{Name: "new", Clients: 20, Requests: 200},
		{Name: "kept", Clients: 20, Requests: 200, Keep: true},
		{Name: "mixed", Clients: 20, Requests: 200, Keep: true, Mixed: true},
		{Name: "together", Clients: 5, Requests: 320, Keep: true, Depth: 16},
		{Name: "new, file", Clients: 5, Requests: 10, File: true},
		{Name: "kept, file", Clients: 5, Requests: 10, Keep: true, File: true},
	} {
		for _, p := range peers {
			args, err := p.command(l)
			if err != nil || args == nil || !strings.HasPrefix(args[0], dir) {
				continue
			}
			t.Run(l.Name+"/"+p.name, func(t *testing.T) {
				j := job{Command: args, Port: port, Load: l, Server: core}
				s, err := startServer(j, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer s.stop()
				if err := s.check(j); err != nil {
					t.Fatal(err)
				}
				g, err := newGenerator(l, port)
				if err != nil {
					t.Fatal(err)
				}
				defer g.close()
				for range 2 {
					if err := g.run(l.Requests); err != nil {
						t.Fatal(s.explain(err))
					}
					if g.answered != l.Requests || len(g.times) != l.Requests {
						t.Errorf("%d answers and %d times of %d requests", g.answered, len(g.times), l.Requests)
					}
				}
				answered[p.name]++
			})
		}
	}
	for name, n := range map[string]int{floor: 6, article: 1, "rawns http_server": 1, "rawns httpd": 4, "rawns httpd --root": 6, "Go net/http": 6, "fasthttp": 6, "gnet": 6} {
		if answered[name] != n {
			t.Errorf("%s did %d loads, not %d", name, answered[name], n)
		}
	}
}

// TestGenerator has servers that answer wrong in one way each, and some that answer
// right in pieces.
func TestGenerator(t *testing.T) {
	nstest.Sandbox(t)
	if err := furnishNet(); err != nil {
		t.Fatal(err)
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 48\r\n\r\n"
	for _, c := range []struct {
		name   string
		keep   bool
		pieces []string // of the answer
		want   string   // in the error
	}{
		{"right", false, []string{head + page}, ""},
		{"the article's", false, []string{"HTTP/1.0 200 ok\n\n" + page}, ""},
		{"right, kept", true, []string{head + page}, ""},
		{"in pieces", false, []string{"H", "TTP/1.1 200 OK\r\n\r", "\n<", page[1:30], page[30:]}, ""},
		{"in pieces, kept", true, []string{"H", "TTP/1.1 200 OK\r\n\r", "\n<", page[1:30], page[30:]}, ""},
		{"another status", false, []string{"HTTP/1.1 404 Not Found\r\n\r\n" + page}, `status: "HTTP/1.1 404"`},
		{"no HTTP", false, []string{"hello, hello\r\n\r\n"}, "status"},
		{"too short", false, []string{head + page[1:]}, "too short"},
		{"too long", false, []string{head + page + "!"}, "too long"},
		{"too long, in pieces", false, []string{head + page, "!"}, "too long"},
		{"too long, kept", true, []string{head + page + "!"}, "too long"},
		{"nothing", false, []string{}, "no answer"},
		{"half a head", false, []string{"HTTP/1.1 200"}, "no answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan bool)
			go func() {
				defer close(done)
				for {
					s, err := n.Accept()
					if err != nil {
						return
					}
					request := make([]byte, len(load{Keep: c.keep}.request()))
					for {
						if _, err := io.ReadFull(s, request); err != nil {
							break
						}
						for _, p := range c.pieces {
							io.WriteString(s, p)
						}
						if !c.keep {
							break
						}
					}
					s.Close()
				}
			}()
			g, err := newGenerator(load{Clients: 1, Keep: c.keep}, n.Addr().(*net.TCPAddr).Port)
			if err != nil {
				t.Fatal(err)
			}
			err = g.run(3)
			g.close()
			n.Close()
			<-done
			if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
				t.Errorf("%v, not %q", err, c.want)
			}
			if c.want == "" && g.answered != 3 {
				t.Errorf("%d answers", g.answered)
			}
		})
	}
}

func TestField(t *testing.T) {
	const text = "usage_usec 123\nuser_usec 100\nPss:   \t45 kB\n"
	for name, want := range map[string]int64{"usage_usec": 123, "Pss:": 45} {
		if got, err := field(text, name); got != want || err != nil {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
	if _, err := field(text, "usage"); err == nil {
		t.Error("a field that is not there")
	}
}
