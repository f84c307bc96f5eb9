package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A thing knows what it must hold. Things are moved about by all that can move a pointer
// and run while garbage is collected: if the collector misses one, its memory is used
// for another.
type thing struct {
	next *thing
	n    int
	name string
}

var (
	places  [64]atomic.Pointer[thing]
	plain   [64]*thing
	plainMu sync.Mutex
	shared  sync.Map
	pool    = sync.Pool{New: func() any { return newThing(1, 1) }}
	bad     atomic.Pointer[string]
)

func newThing(n, more int) *thing {
	t := &thing{n: n, name: strconv.Itoa(n)}
	if more > 0 {
		t.next = newThing(n+1, more-1)
	}
	return t
}

func (t *thing) look(who string) {
	for ; t != nil; t = t.next {
		if t.name != strconv.Itoa(t.n) {
			s := fmt.Sprint(who, ": ", t.n, " is called ", t.name)
			bad.Store(&s)
		}
	}
}

// moved moves things for a while, midway by several threads at once.
func moved() string {
	debug.SetGCPercent(2)
	end := make(chan bool)
	var wg sync.WaitGroup
	each := func(f func(i int)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				f(i)
				if i%8 == 0 {
					runtime.Gosched()
				}
			}
		}()
	}
	for g := range 3 { // from place to place
		each(func(i int) {
			t := places[(i+g)%64].Swap(nil)
			t.look("a place")
			if t == nil || i%5 == 0 {
				t = newThing(i, i%4)
			}
			places[(i*7+g)%64].Store(t)
		})
	}
	for range 2 {
		each(func(i int) {
			plainMu.Lock()
			a, b := i%64, (i*11+5)%64
			plain[a], plain[b] = plain[b], plain[a]
			if plain[a] == nil || i%3 == 0 {
				plain[a] = &thing{n: i, name: strconv.Itoa(i), next: plain[a]}
				if i%6 == 0 {
					plain[a].next = nil
				}
			}
			plain[a].look("a variable")
			plainMu.Unlock()
		})
	}
	each(func(i int) {
		t, _ := pool.Get().(*thing)
		t.look("a pool")
		pool.Put(newThing(i, 2))
		if v, ok := shared.LoadAndDelete(i % 32); ok {
			v.(*thing).look("a map")
		}
		shared.Store((i*5)%32, newThing(i, 1))
	})
	c := make(chan *thing) // from stack to stack
	each(func(i int) {
		select {
		case c <- newThing(i, 3):
		case t := <-c:
			t.look("a channel")
		case <-end:
		}
	})
	each(func(i int) {
		select {
		case t := <-c:
			t.look("a channel")
		case <-time.After(50 * time.Microsecond):
		case <-end:
		}
	})
	each(func(i int) { // timers' functions, finalizers and cleanups
		t := newThing(i, 2)
		done := make(chan *thing, 1)
		time.AfterFunc(time.Microsecond, func() { t.look("a timer"); places[i%64].Store(t); done <- t })
		f := newThing(i, 1)
		runtime.SetFinalizer(f, func(f *thing) { f.look("a finalizer"); places[(i+1)%64].Store(f) })
		runtime.AddCleanup(newThing(i, 0), func(t *thing) { t.look("a cleanup"); places[(i+2)%64].Store(t) }, newThing(i, 1))
		select {
		case t := <-done:
			t.look("a timer's channel")
		case <-end:
		}
	})
	r, w, err := os.Pipe() // the poller, and calls of the kernel
	if err != nil {
		return err.Error()
	}
	each(func(i int) {
		t := newThing(i, 2)
		w.Write([]byte{1})
		syscall.Getppid()
		t.look("a writer")
		places[i%64].Store(t)
	})
	each(func(i int) {
		t := newThing(i, 2)
		b := make([]byte, 10)
		r.SetReadDeadline(time.Now().Add(time.Millisecond))
		r.Read(b)
		t.look("a reader")
		places[i%64].Store(t)
	})
	asked := make(chan os.Signal, 4)
	signal.Notify(asked, syscall.SIGUSR1)
	each(func(i int) {
		t := newThing(i, 1)
		syscall.Kill(syscall.Getpid(), syscall.SIGUSR1)
		select {
		case <-asked:
		case <-end:
		}
		t.look("a signal")
		places[i%64].Store(t)
	})
	each(func(i int) { // a thread of its own
		runtime.LockOSThread()
		t := newThing(i, 1)
		ts := syscall.NsecToTimespec(1000)
		syscall.Nanosleep(&ts, nil)
		t.look("a thread")
		places[i%64].Store(t)
		runtime.UnlockOSThread()
	})
	var m runtime.MemStats
	for m.NumGC < 30 && bad.Load() == nil {
		if m.NumGC > 15 {
			runtime.GOMAXPROCS(4)
		}
		time.Sleep(time.Millisecond)
		runtime.ReadMemStats(&m)
	}
	close(end)
	w.Close()
	wg.Wait()
	for i := range places {
		places[i].Load().look("the end")
	}
	if s := bad.Load(); s != nil {
		return *s
	}
	return ""
}
