// Stress does what needs the runtime's tables: stacks that grow and are
// scanned, goroutines interrupted in loops, defers, panics, recover, closures,
// maps, channels, finalizers, signals. It prints a sum that does not depend on timing.
package main

import (
	"errors"
	"os"
	"os/signal"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

type node struct {
	left, right *node
	v           int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{v: 1}
	}
	return &node{tree(depth - 1), tree(depth - 1), depth}
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.v + n.left.sum() + n.right.sum()
}

// deep grows the stack, with pointers into it.
func deep(n int, p *int) int {
	var pad [64]int
	pad[n%64] = n
	if n == 0 {
		return *p
	}
	local := *p + pad[n%64] - n + 1
	return deep(n-1, &local)
}

func recovered(i int) (s string) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok {
				s = e.Error()
			}
		}
	}()
	var m map[string]int
	switch i % 3 {
	case 0:
		m["x"] = 1
	case 1:
		panic(errors.New("mine"))
	}
	return strconv.Itoa([]int{1, 2, 3}[i])
}

// recoverer is what a deferred function calls: it must not recover, although
// the compiler may have inlined that function into a wrapper.
//
//go:noinline
func recoverer() { seen = recover() }

var seen any

func mid(int) { recoverer() }

func notRecovered(x int) (ended bool) {
	defer func() { ended = recover() != nil }()
	defer mid(x)
	panic("not for recoverer")
}

type value struct{ v int }

func (v value) get() int { return v.v }

type getter interface{ get() int }

// wrapped calls a value method through a nil pointer: the runtime takes the
// caller's name apart.
func wrapped() (s string) {
	defer func() { s = recover().(error).Error() }()
	var p *value
	call(p)
	return ""
}

//go:noinline
func call(g getter) int { return g.get() }

type pair struct {
	s string
	n any
}

func (p *pair) One() int        { return len(p.s) }
func (p *pair) other() string   { return p.s }
func (p *pair) Unasked() string { return p.s + "!" }

type both interface {
	One() int
	other() string // never called
}

type more interface {
	One() int
	Two() int
}

type failure struct{ pair }

func (*failure) Error() string { return "failure" }

// found asks for what the runtime looks up among types: methods of a type that it
// does not know beforehand, keys of any type.
//
//go:noinline
func found(x any) bool {
	b, isBoth := x.(both)
	_, isMore := x.(more)
	_, isError := x.(error)
	if !isBoth || isMore || isError || b.One() != 3 {
		return false
	}
	var f *failure
	if err := errors.Join(errors.New("another"), &failure{}); !errors.As(err, &f) || f.Error() != "failure" {
		return false
	}
	m := map[any]int{}
	for i := range 100 {
		m[pair{strconv.Itoa(i), i}] = i
		m[value{i}] = i
	}
	return len(m) == 200 && m[pair{"7", 7}] == 7 && m[value{9}] == 9 && m[pair{"7", "7"}] == 0
}

func spin(stop *bool, mu *sync.Mutex) int {
	n := 0
	for { // interrupted asynchronously, or, with -tags calls, in breathe
		for range 1000 {
			n++
		}
		breathe()
		mu.Lock()
		done := *stop
		mu.Unlock()
		if done {
			return n
		}
	}
}

// shuffle moves pointers between stacks and the heap while another goroutine collects
// garbage: nothing that is reachable may be taken for garbage. Half of the goroutines have
// threads of their own, and all wait now and then, for the kernel, a timer, each other.
func shuffle() bool {
	slots := make([]*node, 4096)
	for i := range slots {
		slots[i] = &node{v: i}
	}
	stop, collected, ok := make(chan bool), make(chan bool), true
	go func() {
		defer close(collected)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	var wg sync.WaitGroup
	hands := make(chan *node, 1)
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if g%2 == 0 {
				runtime.LockOSThread()
			}
			mine := slots[1024*g : 1024*(g+1)]
			for i := range 40_000 {
				from, to := &mine[i*7%1024], &mine[i*13%1024]
				n := *from
				*from = nil
				breathe()
				*from, *to = *to, n
				if i%64 == 0 {
					hands <- (*to)
					*to = nil
					*to = <-hands
				}
				if i%4000 == 0 {
					syscall.Getdents(-1, nil)
					time.Sleep(time.Microsecond)
					*to = &node{v: (*to).v, left: *from}
					(*to).left = nil
				}
			}
		}()
	}
	wg.Wait()
	close(stop)
	<-collected
	seen := map[int]bool{}
	for _, n := range slots {
		ok = ok && n.v >= 0 && n.v < len(slots) && n.left == nil && n.right == nil && !seen[n.v]
		seen[n.v] = true
	}
	return ok
}

// signals tells whether they do what they do in every program in Go: they arrive
// where they are asked for, a bad address is a panic, a closed pipe an error.
func signals() bool {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	if syscall.Kill(syscall.Getpid(), syscall.SIGUSR1) != nil || <-asked != syscall.SIGUSR1 {
		return false
	}
	r, w, err := os.Pipe()
	if err != nil {
		return false
	}
	r.Close()
	if _, err := w.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		return false
	}
	// qemu-user has a wrong address for a fault of this processor, now and then.
	return runtime.GOARCH == "ppc64le" || nothing(nil) != nil
}

//go:noinline
func nothing(n *node) (what any) {
	defer func() { what = recover() }()
	return n.v
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "end" { // by a signal that nobody asked for
		syscall.Kill(syscall.Getpid(), syscall.SIGTERM)
		time.Sleep(time.Minute)
	}
	if len(os.Args) > 1 && alone[os.Args[1]] != nil {
		println("so", alone[os.Args[1]]())
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	total, stop := 0, false
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			sum := 0
			for i := range 12 {
				zero := 0
				sum += tree(8).sum() + deep(300+g, &zero) + len(recovered(i)) + len(strings.Repeat("x", i))
				m := map[string]*node{}
				for j := range 200 {
					m[strconv.Itoa(j)] = &node{v: j}
				}
				keys := make([]string, 0, len(m))
				for k, n := range m {
					keys = append(keys, k)
					sum += n.v
				}
				sort.Strings(keys)
				sum += len(keys[100])
				if i%4 == 0 {
					runtime.GC()
				}
			}
			mu.Lock()
			total += sum
			mu.Unlock()
		}()
	}
	spun := make(chan int)
	for range 3 {
		go func() { spun <- spin(&stop, &mu) }()
	}
	wg.Wait()
	runtime.SetFinalizer(&node{}, func(*node) {})
	runtime.GC()
	mu.Lock()
	stop = true
	mu.Unlock()
	for range 3 {
		if <-spun == 0 {
			os.Exit(3)
		}
	}
	select {
	case <-time.After(time.Millisecond):
	case <-spun:
	}
	if !notRecovered(3) || seen != nil {
		println("recovered by a function that was not deferred")
		os.Exit(4)
	}
	if s := wrapped(); !strings.Contains(s, "called using nil") {
		println("a nil pointer's value method says", s)
		os.Exit(5)
	}
	if !found(&pair{s: "abc"}) {
		println("a method or a key was not found")
		os.Exit(6)
	}
	if !shuffle() {
		println("what was reachable is gone")
		os.Exit(8)
	}
	if !signals() {
		println("a signal went astray")
		os.Exit(7)
	}
	println("sum", total)
	if len(os.Args) > 1 {
		panic("as asked")
	}
}
