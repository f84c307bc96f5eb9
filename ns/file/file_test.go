package file

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Everything is as package os does it.
func TestAsOS(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{0, 1, 511, 512, 513, 100000} {
		path := filepath.Join(dir, strconv.Itoa(n))
		want := bytes.Repeat([]byte{'x'}, n)
		if err := Write(path, want, 0o640); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d read, %v", n, len(got), err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode()&^0o040 != 0o600 {
			t.Errorf("%v, %v", st, err)
		}
	}
	path := filepath.Join(dir, "512")
	if err := Write(path, []byte("short"), 0); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "short" {
		t.Errorf("%q", got)
	}
	for _, path := range []string{"/proc/self/status", "/proc/mounts", "/proc/sys/kernel/ostype"} {
		got, err := Read(path)
		want, _ := os.ReadFile(path)
		if err != nil || len(want) == 0 || path[6] == 's' && path[7] == 'y' && !bytes.Equal(got, want) || bytes.Count(got, []byte("\n")) != bytes.Count(want, []byte("\n")) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	many := filepath.Join(dir, "many", "in", "here")
	if err := MkdirAll(many, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := MkdirAll(many+"/", 0o700); err != nil {
		t.Error(err)
	}
	var want []string
	for i := range 1000 {
		name := strings.Repeat("n", i%200) + strconv.Itoa(i)
		want = append(want, name)
		if err := os.Mkdir(filepath.Join(many, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if none, err := Names(t.TempDir()); err != nil || none == nil || len(none) != 0 {
		t.Errorf("an empty folder: %#v, %v", none, err)
	}
	names, err := Names(many)
	slices.Sort(names)
	slices.Sort(want)
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("%d names, %v", len(names), err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(many, link); err != nil {
		t.Fatal(err)
	}
	if !IsDir(many) || IsDir(link) || IsDir(path) || IsDir(dir+"/nothing") {
		t.Error("IsDir")
	}
	real, err := filepath.EvalSymlinks(link)
	if got, e := Real(link); got != real || err != nil || e != nil {
		t.Errorf("%q, %v", got, e)
	}
	for _, p := range []string{"", "a", "/", "/a", "a/b", "/a/b", "a//b", "//a", "./a", "../a"} {
		if got, want := Dir(p), filepath.Dir(p); got != want {
			t.Errorf("Dir(%q) = %q, not %q", p, got, want)
		}
	}
}

// Errors are those of package os, but for the words before the errno.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := Write(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string][2]func(string) error{
		"Read":     {func(p string) error { _, err := Read(p); return err }, func(p string) error { _, err := os.ReadFile(p); return err }},
		"Write":    {func(p string) error { return Write(p, nil, 0o600) }, func(p string) error { return os.WriteFile(p, nil, 0o600) }},
		"Names":    {func(p string) error { _, err := Names(p); return err }, func(p string) error { _, err := os.ReadDir(p); return err }},
		"Stat":     {func(p string) error { _, err := Stat(p); return err }, func(p string) error { _, err := os.Stat(p); return err }},
		"MkdirAll": {func(p string) error { return MkdirAll(p, 0o700) }, func(p string) error { return os.MkdirAll(p, 0o700) }},
		"Real":     {func(p string) error { _, err := Real(p); return err }, func(p string) error { _, err := filepath.EvalSymlinks(p); return err }},
	} {
		for _, path := range []string{"", dir + "/no/such", file + "/below", dir, file, "a\x00b"} {
			if name == "Real" && path == "" { // is "" to filepath
				continue
			}
			got, want := f[0](path), f[1](path)
			var a, b *os.PathError
			if (got == nil) != (want == nil) {
				t.Errorf("%s %q: %v, not %v", name, path, got, want)
			} else if got != nil && (!errors.As(got, &a) || errors.As(want, &b) && a.Err != b.Err) {
				t.Errorf("%s %q: %#v, not %#v", name, path, got, want)
			}
		}
	}
}

// A file without an end is refused, before the memory is full.
func TestEndless(t *testing.T) {
	if _, err := Read("/dev/zero"); !errors.Is(err, unix.EFBIG) {
		t.Errorf("%v", err)
	}
}
