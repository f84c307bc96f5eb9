package ns_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

// One thread makes namespaces, and visits them; their names come together.
func TestThread(t *testing.T) {
	nstest.Sandbox(t)
	here, err := ns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	var made []*ns.NS
	_, ino := here.Inode()
	inodes := map[uint64]bool{ino: true}
	err = ns.OnThread(func(th *ns.Thread) error {
		for range 3 {
			n, err := th.New()
			if err != nil {
				return err
			}
			made = append(made, n)
			now, err := ns.Current()
			if err != nil {
				return err
			}
			_, ino := n.Inode()
			if !now.Same(n) || inodes[ino] {
				t.Errorf("the thread is in %v, not in the new %v", now, n)
			}
			inodes[ino] = true
			now.Close()
		}
		for _, n := range made {
			if err := th.Enter(n); err != nil {
				return err
			}
			if now, err := ns.Current(); err != nil || !now.Same(n) {
				t.Errorf("the thread is in %v, %v, not in %v", now, err, n)
			} else {
				now.Close()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if now, err := ns.Current(); err != nil || !now.Same(here) {
		t.Errorf("the caller is in %v, %v", now, err)
	} else {
		now.Close()
	}
	defer func() {
		for _, n := range made {
			n.Close()
		}
	}()
	if n, err := ns.BindAll(made[:2], []string{"one", "two"}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	defer ns.Delete("one")
	defer ns.Delete("two")
	n, err := ns.BindAll(made, []string{"three", "two", "four"})
	var e *ns.Error
	if n != 1 || !errors.As(err, &e) || e.Op != ns.OpFile || !errors.Is(err, unix.EEXIST) || made[0].Name() != "three" {
		t.Errorf("%d, %v", n, err)
	}
	defer ns.Delete("three")
	if _, err := ns.BindAll(made[:1], []string{"a/b"}); err == nil {
		t.Error("a bad name was taken")
	}
	if o, err := ns.Open("two"); err != nil || !o.Same(made[1]) {
		t.Errorf("%v, %v", o, err)
	} else {
		o.Close()
	}
	if _, err := os.Stat(ns.Dir + "/four"); !errors.Is(err, os.ErrNotExist) {
		t.Error("work went on behind the error")
	}
}

// The calling thread makes a namespace, and is where it was afterwards, whatever becomes
// of the function; where there is no way back, another thread goes.
func TestAndBack(t *testing.T) {
	nstest.Sandbox(t)
	runtime.LockOSThread() // so that the thread is the same before and after
	defer runtime.UnlockOSThread()
	here, thread := where(t), unix.Gettid()
	fail := errors.New("fail")
	var made *ns.NS
	err := ns.AndBack(func(th *ns.Thread) (err error) {
		if unix.Gettid() != thread {
			t.Error("it ran on another thread")
		}
		if made, err = th.New(); err != nil {
			return err
		}
		if got := where(t); got != made.String() {
			t.Errorf("in %s, not in the new %v", got, made)
		}
		return fail
	})
	if err != fail {
		t.Fatal(err)
	}
	defer made.Close()
	if got := where(t); got != here {
		t.Fatalf("in %s, not back in %s", got, here)
	}
	func() {
		defer func() {
			if recover() != "oh" {
				t.Error("no panic came through")
			}
		}()
		ns.AndBack(func(th *ns.Thread) error {
			if err := th.Enter(made); err != nil {
				t.Error(err)
			}
			panic("oh")
		})
	}()
	if got := where(t); got != here {
		t.Fatalf("in %s, not back in %s, after a panic", got, here)
	}

	// Root in a user namespace that owns nothing may leave, and not come back.
	r := nstest.Exec(t, nil, append([]string{"unshare", "-Ur"}, helper("and-back")...)...)
	if r.Code != 0 {
		t.Errorf("%+v", r)
	}
}

// helperAndBack ends with 0 if another thread makes a namespace for AndBack, and this
// one stays where it is.
func helperAndBack([]string) int {
	runtime.LockOSThread()
	thread := unix.Gettid()
	was, err1 := ns.Current()
	there := false
	err2 := ns.AndBack(func(th *ns.Thread) error {
		n, err := th.New()
		there = err == nil && !n.Same(was) && unix.Gettid() != thread
		return err
	})
	now, err3 := ns.Current()
	if err := errors.Join(err1, err2, err3); err != nil || !there || !now.Same(was) {
		fmt.Println(err, there)
		return 1
	}
	return 0
}
