package httpserver

import (
	"bufio"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rawns/ns/nstest"
)

func init() { helpers["capless"] = capless }

// capless becomes the applet of a root that has one capability.
func capless() {
	runtime.LockOSThread()
	for c := uintptr(0); ; c++ {
		if c != unix.CAP_DAC_OVERRIDE && unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) != nil {
			break
		}
	}
	again()
}

// fields returns lines of a task's status.
func fields(t *testing.T, path string, names ...string) string {
	t.Helper()
	b, err := os.ReadFile(path + "/status")
	if err != nil && !os.IsNotExist(err) && err.(*os.PathError).Err != unix.ESRCH {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		for _, n := range names {
			if n == name {
				found = append(found, name+" "+strings.Join(strings.Fields(value), " "))
			}
		}
	}
	return strings.Join(found, "\n")
}

// everyTask waits until all threads of a process have these lines: one may be
// about to end that has been made for a namespace.
func everyTask(t *testing.T, pid int, want string) {
	t.Helper()
	var names []string
	for line := range strings.Lines(want) {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	dir := "/proc/" + strconv.Itoa(pid) + "/task/"
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		tasks, err := os.ReadDir(dir)
		if err != nil || len(tasks) < 2 {
			t.Fatalf("%d tasks, %v", len(tasks), err)
		}
		differs := ""
		for _, task := range tasks {
			if got := fields(t, dir+task.Name(), names...); got != want && got != "" {
				differs = got
			}
		}
		if differs == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("a thread has\n%s\nwant\n%s", differs, want)
		}
	}
}

// accounts makes these the users and groups of the sandbox.
func accounts(t *testing.T, passwd, group string) {
	t.Helper()
	nstest.Sandbox(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"passwd": passwd, "group": group} {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount(dir+"/"+name, "/etc/"+name, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Unmount("/etc/"+name, 0) })
	}
}

const (
	passwd = "root:x:0:0::/:\nweb:x:1234:2345::/:\nalone:x:77:78::/:\n12:x:13:14::/:\nbad:x:y:z::/:\n"
	groups = "root:x:0:\nwebs:x:2345:\nstatic:x:501:a,web,b\nno:x:502:webb,we\nmore:x:503:web\ntwo:x:504:web:\n12:x:15:\n"
)

// users is how many there are in the sandbox: 1, root, where whoever runs the
// tests is not root.
func users() int {
	b, _ := os.ReadFile("/proc/self/uid_map")
	f := strings.Fields(string(b))
	n, _ := strconv.Atoi(f[2])
	return n
}

func TestIdentity(t *testing.T) {
	accounts(t, passwd, groups)
	for in, want := range map[string]string{
		"web": "1234 2345 501,503,2345", "1234": "1234 2345 501,503,2345", "web:static": "1234 501 501", "web:99": "1234 99 99",
		"5:6": "5 6 6", "5:root": "5 0 0", "alone": "77 78 78", "12": "13 14 14", "12:12": "13 15 15", "4294967294:1": "4294967294 1 1",
		"": `/etc/passwd has no user ""`, ":": `/etc/passwd has no user ""`, "we": `/etc/passwd has no user "we"`, "bad": `/etc/passwd has no user "bad"`,
		"web:": `/etc/group has no group ""`, "web:web": `/etc/group has no group "web"`, "4294967295:1": `/etc/passwd has no user "4294967295"`,
		"1:4294967295": `/etc/group has no group "4294967295"`, "-1:1": `/etc/passwd has no user "-1"`, "+1:1": `/etc/passwd has no user "+1"`,
		"99": "/etc/passwd has no user 99, so a group must be given, too: 99:GROUP",
	} {
		id, err := parseIdentity(in)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = strconv.FormatUint(uint64(uint32(id.uid)), 10) + " " + strconv.Itoa(id.gid) + " "
			for i, g := range id.groups {
				if i > 0 {
					got += ","
				}
				got += strconv.Itoa(g)
			}
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// Every thread has given up what the documentation says, and the server serves.
func TestHTTPDPrivileges(t *testing.T) {
	accounts(t, passwd, groups)
	const none = "\nCapInh 0000000000000000\nCapPrm 0000000000000000\nCapEff 0000000000000000\nCapBnd 0000000000000000\nCapAmb 0000000000000000\nNoNewPrivs 1\nSeccomp "
	const rootHas = "\nCapInh 0000000000000000\nCapPrm 0000000000000002\nCapEff 0000000000000002\nCapBnd 0000000000000000\nCapAmb 0000000000000000\nNoNewPrivs 1\nSeccomp "
	filter := "2"
	if auditArch == 0 {
		filter = "0"
	}
	for _, c := range []struct {
		args []string
		user bool // another
		want string
	}{
		{nil, false, "Uid 0 0 0 0\nGid 0 0 0 0" + rootHas + filter},
		{[]string{"--no-seccomp"}, false, "Uid 0 0 0 0\nGid 0 0 0 0" + rootHas + "0"},
		{[]string{"--user", "root"}, false, "Uid 0 0 0 0\nGid 0 0 0 0" + none + filter},
		{[]string{"--user", "web", "--loops", "3"}, true, "Uid 1234 1234 1234 1234\nGid 2345 2345 2345 2345\nGroups 501 503 2345" + none + filter},
		{[]string{"--user=5:6", "--no-seccomp"}, true, "Uid 5 5 5 5\nGid 6 6 6 6\nGroups 6" + none + "0"},
	} {
		if c.user && users() == 1 {
			continue
		}
		cmd, ports := runHTTPD(t, 1, append([]string{"--listen", "127.0.0.1:0"}, c.args...)...)
		for range 5 {
			if got := ask(t, "127.0.0.1:"+ports["127.0.0.1"], "GET / HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
				t.Errorf("%q: %q", c.args, got)
			}
		}
		everyTask(t, cmd.Process.Pid, c.want)
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%q: %v", c.args, err)
		}
	}
}

// What --user cannot do it says, and serves nobody.
func TestHTTPDUserRefused(t *testing.T) {
	accounts(t, passwd, groups)
	dir := t.TempDir()
	for _, c := range []struct {
		how, user string
		code      int
		stderr    string
	}{
		{"capless", "web", 1, "rawns httpd: giving up rights: setgroups: operation not permitted (EPERM); this needs CAP_SETGID: start it as root"},
		{"httpd", "5:4294967290", 1, "rawns httpd: giving up rights: setgroups: invalid argument (EINVAL); this user namespace has no number 4294967290"},
		{"httpd", "no\x1bne", 2, `rawns httpd: --user: /etc/passwd has no user "no\x1bne"`},
	} {
		if strings.Contains(c.stderr, "EINVAL") && (users() == 1 || users() > 1<<20) {
			continue // it may not be asked, or there is everybody
		}
		cmd := exec.Command(os.Args[0], "--listen", "unix:"+dir+"/s", "--user", c.user)
		cmd.Env = append(os.Environ(), helperEnv+"="+c.how)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.HasPrefix(string(out), c.stderr) {
			t.Errorf("%s, %q: exit code %d, %q", c.how, c.user, code, out)
		}
		if _, err := os.Lstat(dir + "/s"); !os.IsNotExist(err) {
			t.Errorf("the socket's file is left: %v", err)
		}
	}
}

// Another user reads what it may and no more, and opens the log again where it
// may, or says why not and goes on with the old one.
func TestHTTPDUserFiles(t *testing.T) {
	accounts(t, passwd, groups)
	if users() == 1 {
		return
	}
	// Somewhere that another user gets to.
	dir := "/run/httpd"
	for _, err := range []error{
		os.MkdirAll(dir+"/root", 0o755), os.Mkdir(dir+"/logs", 0o755), os.Chown(dir+"/logs", 1234, 2345),
		os.WriteFile(dir+"/root/open", []byte("open"), 0o644), os.WriteFile(dir+"/root/closed", []byte("closed"), 0o600),
		os.WriteFile(dir+"/root/group", []byte("group"), 0o640), os.Chown(dir+"/root/group", 0, 501),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	defer os.RemoveAll(dir)
	for _, own := range []bool{true, false} {
		log := map[bool]string{true: dir + "/logs/a", false: dir + "/a"}[own]
		cmd := exec.Command(os.Args[0], "--listen", "127.0.0.1:0", "--user", "web", "--root", dir+"/root", "--log", log)
		cmd.Env = append(os.Environ(), helperEnv+"=httpd")
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		r := bufio.NewReader(stderr)
		line, err := r.ReadString('\n')
		m := port.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%q, %v", line, err)
		}
		for path, code := range map[string]string{"open": "200", "closed": "403", "group": "200"} {
			if got := ask(t, "127.0.0.1:"+m[2], "GET /"+path+" HTTP/1.0\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 "+code+" ") {
				t.Errorf("%s: %q", path, got)
			}
		}
		os.Rename(log, log+".1")
		cmd.Process.Signal(syscall.SIGHUP)
		if own {
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
				if st, err := os.Stat(log); err == nil {
					if uid := st.Sys().(*syscall.Stat_t).Uid; uid != 1234 {
						t.Errorf("the new log is of user %d", uid)
					}
					break
				} else if time.Now().After(end) {
					t.Fatal(err)
				}
			}
		} else if line, err := r.ReadString('\n'); line != "rawns httpd: the log stays the old file: open "+log+": permission denied (EACCES)\n" {
			t.Errorf("%q, %v", line, err)
		}
		ask(t, "127.0.0.1:"+m[2], "GET /after HTTP/1.0\r\n\r\n")
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		last := map[bool]string{true: log, false: log + ".1"}[own]
		if b, err := os.ReadFile(last); err != nil || !strings.Contains(string(b), `"GET /after HTTP/1.0" 404`) {
			t.Errorf("%s has %q, %v", last, b, err)
		}
	}
}
