package httpserver

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// execHTTPD makes this process "rawns httpd": the binary that ships, if make test
// says where it is, or else the test binary without C.
func execHTTPD() {
	if b := os.Getenv("RAWNS_BINARY"); b != "" {
		panic(syscall.Exec(b, append([]string{"rawns", "httpd"}, os.Args[1:]...), os.Environ()))
	}
	os.Setenv(helperEnv, "httpd")
	withoutC()
	code := HTTPD(append([]string{"httpd"}, os.Args[1:]...))
	cli.Stdout.Flush()
	os.Exit(code)
}

// again makes this process the applet by another exec, for which the kernel
// looks at what the calling thread has changed.
func again() {
	os.Setenv(helperEnv, "httpd")
	panic(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
}

// withoutC makes this process the test binary without C's threads, with which Go
// does not make system calls on all threads, and which themselves make others;
// package net brings them where there is a C compiler. It is built when the first
// process wants it.
func withoutC() {
	if _, _, e := syscall.AllThreadsSyscall(unix.SYS_GETPID, 0, 0, 0); e != syscall.ENOTSUP {
		return // it is that one
	}
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	exe, err := os.Executable()
	must(err)
	dir := filepath.Dir(exe) // go test removes it
	lock, err := os.Create(dir + "/lock")
	must(err)
	must(unix.Flock(int(lock.Fd()), unix.LOCK_EX))
	binary := dir + "/httpserver-static.test"
	if _, err := os.Stat(binary); err != nil {
		_, file, _, _ := runtime.Caller(0)
		cmd := exec.Command("go", "test", "-c", "-o", binary+".new", ".")
		cmd.Dir = filepath.Dir(file)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			panic(string(out) + err.Error())
		}
		must(os.Rename(binary+".new", binary))
	}
	lock.Close()
	panic(syscall.Exec(binary, append([]string{binary}, os.Args[1:]...), os.Environ()))
}
