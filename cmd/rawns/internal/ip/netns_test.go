//go:build !tiny

package ip

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns"
)

// printable fails the test if text has something in it that steers a terminal.
func printable(t *testing.T, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimPrefix(line, "\t"); cli.Safe(line) != line {
			t.Errorf("control characters in %q", line)
		}
	}
}

// The parser alone refuses these names: nothing has been touched by then.
func TestNetnsNames(t *testing.T) {
	never := []string{"", ".", "..", "../x", "a/b", "/", "/proc/1/ns/net", strings.Repeat("x", 256), strings.Repeat("x", 300)}
	notNew := []string{"\x1b[31mred", "a\nb", "a\x7f", "\u202egnp", "\x9b31m", "\xff"}
	odd := []string{"-h", "--", "grün", "two words", `a"b\c`, strings.Repeat("x", 255), "help"}
	tests := []struct {
		words []string // NAME is the name
		makes bool
	}{
		{[]string{"add", "NAME"}, true},
		{[]string{"attach", "NAME", "1"}, true},
		{[]string{"set", "NAME", "3"}, false},
		{[]string{"delete", "NAME"}, false},
		{[]string{"pids", "NAME"}, false},
		{[]string{"exec", "NAME", "true"}, false},
	}
	for _, tt := range tests {
		for _, g := range [][]string{{"ip", "netns"}, {"ip", "-n", "blue", "netns"}, {"ip", "-all", "netns"}} {
			if len(g) == 3 && (tt.words[0] == "delete" || tt.words[0] == "exec") {
				continue // no name follows
			}
			check := func(name string, good bool) {
				t.Helper()
				argv := append([]string{}, g...)
				for _, w := range tt.words {
					argv = append(argv, strings.ReplaceAll(w, "NAME", name))
				}
				_, _, err := parse(argv)
				var f *failure
				switch {
				case good && err != nil:
					t.Errorf("%q: %v", argv, err)
				case !good && !errors.As(err, &f):
					t.Errorf("%q: %v, want a failure", argv, err)
				case !good:
					if f.code != exitUsage || !strings.HasPrefix(f.text, `Invalid netns name "`) || f.hint == "" {
						t.Errorf("%q: %d %q %q", argv, f.code, f.text, f.hint)
					}
					printable(t, f.text+"\n"+f.hint)
				}
			}
			for _, name := range never {
				check(name, false)
			}
			for _, name := range notNew {
				check(name, !tt.makes)
			}
			for _, name := range odd {
				check(name, true)
			}
		}
	}
}

func TestNetnsFailures(t *testing.T) {
	// Without a privilege it is said which one, and what needs none.
	for _, e := range []*ns.Error{
		{Op: ns.OpShare, Path: ns.Dir, Err: unix.EPERM},
		{Op: ns.OpFile, Name: "blue", Path: ns.Dir + "/blue", Err: unix.EACCES},
		{Op: ns.OpNew, Name: "blue", Err: unix.EPERM},
		{Op: ns.OpSetns, Name: "blue", Err: unix.EPERM},
		{Op: ns.OpRemove, Name: "blue", Path: ns.Dir + "/blue", Err: unix.EPERM},
	} {
		var f *failure
		if !errors.As(netnsFailure(exitMissing, e), &f) {
			t.Fatal(e)
		}
		if f.code != exitMissing || !strings.Contains(f.hint, "CAP_SYS_ADMIN") || !strings.Contains(f.hint, "rawns demo") {
			t.Errorf("%v: %+v", e, f)
		}
		if !strings.HasSuffix(f.text, ": "+cli.Strerror(cli.Errno(e))) {
			t.Errorf("%v: %q", e, f.text)
		}
	}
	// Whatever is in the names, a terminal does not obey it.
	const bad = "a\x1b[31m\n\xff"
	for _, e := range []*ns.Error{
		{Op: ns.OpOpen, Name: bad, Path: bad, Err: ns.ErrNotNetns},
		{Op: ns.OpOpen, Path: bad, Err: unix.ENOENT},
		{Op: ns.OpFile, Name: bad, Path: bad, Err: unix.EEXIST},
		{Op: ns.OpBind, Name: bad, Path: bad, Source: bad, Err: unix.EINVAL},
		{Op: ns.OpExec, Name: bad, Path: bad, Err: unix.ENOENT},
		{Op: ns.OpSetns, Name: bad, Path: bad, Err: unix.EPERM},
	} {
		for _, err := range []error{netnsFailure(1, e), notStarted(bad, e), cannotOpen(e), notNetns(1, e, "")} {
			var f *failure
			if !errors.As(err, &f) {
				t.Fatal(err)
			}
			printable(t, f.text)
			printable(t, f.hint)
		}
	}
}

// inotify makes an event as the kernel does.
func inotify(mask uint32, name string, size int) []byte {
	b := make([]byte, inotifyEvent+size)
	binary.NativeEndian.PutUint32(b, 1)
	binary.NativeEndian.PutUint32(b[4:], mask)
	binary.NativeEndian.PutUint32(b[12:], uint32(size))
	copy(b[inotifyEvent:], name)
	return b
}

// shown returns what showNames prints.
func shown(t testing.TB, b []byte) (string, error) {
	r := newRunner(&globals{}, &cli.Out{})
	err := showNames(r, b)
	return string(r.out.B), err
}

func TestShowNames(t *testing.T) {
	join := func(bs ...[]byte) (b []byte) {
		for _, p := range bs {
			b = append(b, p...)
		}
		return b
	}
	tests := []struct {
		name string
		in   []byte
		want string
		bad  bool
	}{
		{"nothing", nil, "", false},
		{"add", inotify(unix.IN_CREATE, "blue", 16), "add blue\n", false},
		{"add and delete", join(inotify(unix.IN_CREATE, "blue", 16), inotify(unix.IN_DELETE, "red", 16)), "add blue\ndelete red\n", false},
		{"a directory", inotify(unix.IN_CREATE|unix.IN_ISDIR, "dir", 16), "add dir\n", false},
		{"no NUL", inotify(unix.IN_CREATE, "0123456789abcdef", 16), "add 0123456789abcdef\n", false},
		{"escapes", inotify(unix.IN_CREATE, "a\x1b[2J\n", 16), `add a\x1b[2J\n` + "\n", false},
		{"something else", inotify(unix.IN_OPEN, "blue", 16), "", false},
		{"the directory is gone", join(inotify(unix.IN_DELETE, "blue", 16), inotify(unix.IN_IGNORED, "", 0)), "delete blue\n", true},
		{"half a header", inotify(unix.IN_CREATE, "blue", 16)[:15], "", true},
		{"half a name", inotify(unix.IN_CREATE, "blue", 16)[:30], "", true},
		{"a length beyond everything", join(inotify(unix.IN_CREATE, "blue", 16)[:12], []byte{255, 255, 255, 255}), "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := shown(t, tt.in)
			if got != tt.want || (err != nil) != tt.bad {
				t.Errorf("%q %v, want %q", got, err, tt.want)
			}
		})
	}
}

func FuzzShowNames(f *testing.F) {
	f.Add(inotify(unix.IN_CREATE, "blue", 16))
	f.Add(inotify(unix.IN_DELETE, "a\x1b", 16)[:20])
	f.Add(inotify(unix.IN_CREATE, "", 0))
	// Lost events are told on stderr: keep the fuzzer's clean.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		f.Fatal(err)
	}
	defer null.Close()
	old := *cli.Stderr
	*cli.Stderr = *cli.NewOut(null)
	defer func() { *cli.Stderr = old }()
	f.Fuzz(func(t *testing.T, b []byte) {
		out, _ := shown(t, b)
		for _, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
			if line != "" && !strings.HasPrefix(line, "add ") && !strings.HasPrefix(line, "delete ") {
				t.Errorf("a line of its own: %q", line)
			}
		}
		printable(t, out)
	})
}
