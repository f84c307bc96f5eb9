package httpraw

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// both runs a test with and without openat2.
func both(t *testing.T, dir string, test func(t *testing.T, b *beneath)) {
	for _, old := range []bool{false, true} {
		t.Run(map[bool]string{false: "openat2", true: "old"}[old], func(t *testing.T) {
			b, err := openBeneath(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(b.fd)
			if b.old {
				t.Error("this kernel's openat2 was not found")
			}
			b.old = old
			test(t, &b)
		})
	}
}

// What is no file or folder is opened without waiting, or not at all.
func TestBeneathSpecial(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{
		os.Mkdir(dir+"/sub", 0o755), os.WriteFile(dir+"/sub/x", []byte("x"), 0o644), unix.Mkfifo(dir+"/pipe", 0o666),
		os.Symlink("sub", dir+"/in"), os.Symlink("/", dir+"/out"), os.Symlink("/proc/self/cwd", dir+"/magic"), os.Symlink("/proc/self/fd/0", dir+"/fd"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// A user that is root of its own users only cannot make devices.
	if err := unix.Mknod(dir+"/null", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err != nil && !errors.Is(err, fs.ErrPermission) {
		t.Fatal(err)
	}
	before := fds(t)
	both(t, dir, func(t *testing.T, b *beneath) {
		link := unix.Errno(0)
		if b.old {
			link = unix.ENOTDIR
		}
		for _, c := range []struct {
			path string
			want []unix.Errno // any of them
		}{
			{"", []unix.Errno{0}}, {"sub", []unix.Errno{0}}, {"sub/", []unix.Errno{0}}, {"sub/x", []unix.Errno{0}}, {"sub/x/", []unix.Errno{unix.ENOTDIR}},
			{"sub/x/y", []unix.Errno{unix.ENOTDIR}}, {"none", []unix.Errno{unix.ENOENT}}, {"none/x", []unix.Errno{unix.ENOENT}},
			{"pipe", []unix.Errno{0}}, {"pipe/x", []unix.Errno{unix.ENOTDIR}}, {"socket", []unix.Errno{unix.ENXIO}}, {"null", []unix.Errno{0, unix.ENOENT, unix.EACCES}},
			{"in/x", []unix.Errno{link}}, {"out", []unix.Errno{unix.EXDEV, unix.ELOOP}}, {"out/etc", []unix.Errno{unix.EXDEV, unix.ENOTDIR}},
			{"magic/x", []unix.Errno{unix.EXDEV, unix.ELOOP, unix.ENOTDIR}}, {"fd", []unix.Errno{unix.EXDEV, unix.ELOOP}},
		} {
			fd, e := b.open(append([]byte(c.path), 0), unix.O_RDONLY)
			ok := false
			for _, want := range c.want {
				ok = ok || e == want
			}
			if !ok {
				t.Errorf("%q: %v, want %v", c.path, e, c.want)
			}
			if e != 0 {
				continue
			}
			if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
				t.Errorf("%q: flags %#x, %v", c.path, flags, err)
			}
			unix.Close(fd)
		}
	})
	if n := fds(t); n != before {
		t.Errorf("%d descriptors, %d before", n, before)
	}
}

// While a folder on the way is again and again exchanged for a link that leads
// out, a path leads to what is inside, or nowhere.
func TestBeneathRace(t *testing.T) {
	top := t.TempDir()
	for name, text := range map[string]string{"root/a/sub/x": "inside", "outside/sub/x": "secret", "outside/x": "secret"} {
		os.MkdirAll(filepath.Dir(top+"/"+name), 0o755)
		if err := os.WriteFile(top+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("../../outside", top+"/root/a/link")
	os.Symlink("../outside", top+"/root/link")
	os.Symlink(top+"/outside/x", top+"/root/a/file")
	os.WriteFile(top+"/root/a/x", []byte("inside"), 0o644)
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, pair := range [][2]string{{"root/a", "root/link"}, {"root/a/sub", "root/a/link"}, {"root/a/x", "root/a/file"}} {
				unix.Renameat2(unix.AT_FDCWD, top+"/"+pair[0], unix.AT_FDCWD, top+"/"+pair[1], unix.RENAME_EXCHANGE)
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	both(t, top+"/root", func(t *testing.T, b *beneath) {
		var opened, refused int
		buf := make([]byte, 10)
		for end := deadline(); opened < 200 || refused < 200; {
			if time.Now().After(end) {
				t.Fatalf("%d times opened, %d times refused", opened, refused)
			}
			for _, path := range []string{"a/sub/x\x00", "a/x\x00", "link/sub/x\x00"} {
				fd, e := b.open([]byte(path), unix.O_RDONLY)
				if e != 0 {
					refused++
					continue
				}
				n, err := unix.Read(fd, buf)
				unix.Close(fd)
				if opened++; err != nil || string(buf[:n]) != "inside" {
					t.Fatalf("%q: %q, %v", path, buf[:n], err)
				}
			}
		}
	})
}
