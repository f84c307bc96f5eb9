package ns_test

import (
	"errors"
	"os"
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
