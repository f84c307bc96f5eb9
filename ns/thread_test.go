package ns_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"rawns/ns"
	"rawns/ns/nstest"
)

func TestDo(t *testing.T) {
	n := nstest.New(t)
	home := where(t)
	fail := errors.New("fail")
	err := n.Do(func() error {
		if got := where(t); got != n.String() {
			t.Errorf("in %s, not in %v", got, n)
		}
		inner, err := ns.Current()
		if err != nil {
			return err
		}
		defer inner.Close()
		if !inner.Same(n) {
			t.Errorf("Current is %v, not %v", inner, n)
		}
		// Into another one from there.
		other := nstest.New(t)
		if err := other.Do(func() error {
			if got := where(t); got != other.String() {
				t.Errorf("in %s, not in %v", got, other)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		return fail
	})
	if err != fail {
		t.Error(err)
	}
	if got := where(t); got != home {
		t.Errorf("in %s, not at home in %s", got, home)
	}
}

// Whatever goroutine runs next must find itself at home.
func TestDoLeavesNoTrace(t *testing.T) {
	n := nstest.New(t)
	home := where(t)
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if err := n.Do(func() error { return nil }); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if got := where(t); got != home {
				t.Errorf("in %s, not at home in %s", got, home)
			}
		})
	}
	wg.Wait()
}

func TestDoPanic(t *testing.T) {
	n := nstest.New(t)
	for _, c := range []struct {
		value any
		want  string
	}{{"boom", "boom\n"}, {errors.New("bang"), "bang\n"}, {7, "panic on another thread\n"}} {
		func() {
			defer func() {
				p, ok := recover().(*ns.Panic)
				if !ok || p.Value != c.value || !strings.HasPrefix(p.Error(), c.want) || !strings.Contains(p.Error(), "TestDoPanic") {
					t.Errorf("%v: %v", c.value, p)
				}
				if err, ok := c.value.(error); ok && !errors.Is(p, err) {
					t.Errorf("%v is lost", err)
				}
			}()
			n.Do(func() error { panic(c.value) })
			t.Errorf("%v: no panic", c.value)
		}()
	}
}

func TestDoGoexit(t *testing.T) {
	n := nstest.New(t)
	ended := make(chan bool)
	go func() {
		after := true
		defer func() { ended <- !after }()
		n.Do(func() error { runtime.Goexit(); return nil })
		after = false
	}()
	if <-ended {
		t.Error("Goexit ended only the function's goroutine")
	}
}

// helperMainThread calls Do from the main goroutine on the main thread, which is
// then free to run the goroutine that Do starts: it must not.
func helperMainThread([]string) int {
	n, err := ns.NewAnonymous()
	if err != nil {
		return fail(err)
	}
	home, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return fail(err)
	}
	control := 0 // goroutines that the main thread would have run
	for range 200 {
		done := make(chan int)
		go func() { done <- unix.Gettid() }()
		if <-done == os.Getpid() {
			control++
		}
		if err := n.Do(func() error {
			if unix.Gettid() == os.Getpid() {
				return errors.New("Do runs on the main thread")
			}
			return nil
		}); err != nil {
			return fail(err)
		}
	}
	if now, err := os.Readlink("/proc/self/ns/net"); now != home {
		return fail(errors.New("the process shows itself in "+now+", not in "+home), err)
	}
	if control == 0 {
		return fail(errors.New("the main thread ran no goroutine: the test is void"))
	}
	return 0
}

func TestDoHopsOffTheMainThread(t *testing.T) {
	nstest.Sandbox(t)
	if r := nstest.Exec(t, nil, helper("main-thread")...); r.Code != 0 {
		t.Errorf("%+v", r)
	}
}
