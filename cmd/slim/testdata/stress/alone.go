package main

import (
	"fmt"
	"math/bits"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// alone are what a program does that has done nothing before, with one P and no
// thread but its own; each says what is wrong.
var alone = map[string]func() string{
	"sleep":     func() string { time.Sleep(time.Millisecond); return "" },
	"timer":     timer,
	"goroutine": goroutine,
	"ticker":    ticker,
	"busy":      busy,
	"locked":    locked,
	"collect":   collect,
	"limit":     limit,
	"handlers":  handlers,
	"child":     child,
	"cpus":      cpus,
	"storm":     storm,
	"moved":     moved,

	// These end the program.
	"deadlock": func() string { <-make(chan int); return "" },
	"overflow": func() string { debug.SetMaxStack(1 << 20); return strconv.Itoa(endless(1)) },
	"throw":    func() string { var mu sync.Mutex; mu.Unlock(); return "" },
	"fault":    func() string { return strconv.Itoa((*node)(nil).v + len(os.Args)) },
	"thrown":   func() string { go func() { panic("in a goroutine") }(); time.Sleep(time.Minute); return "" },
}

// blocked waits for a byte in a system call that the runtime does not know to wait.
func blocked(write func(fd int)) string {
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		return err.Error()
	}
	write(p[1])
	var b [1]byte
	if n, err := syscall.Read(p[0], b[:]); n != 1 || err != nil {
		return fmt.Sprint("read ", n, " ", err)
	}
	return ""
}

// timer blocks the only thread until a timer's function has run.
func timer() string {
	return blocked(func(fd int) {
		time.AfterFunc(time.Millisecond, func() { syscall.Write(fd, []byte{1}) })
	})
}

// goroutine does the same, of a goroutine.
func goroutine() string {
	return blocked(func(fd int) { go syscall.Write(fd, []byte{1}) })
}

// ticker waits for two ticks, the first of which nothing else lets pass.
func ticker() string {
	t := time.NewTicker(time.Millisecond)
	<-t.C
	select {
	case <-t.C:
	case <-time.After(time.Minute):
		return "one tick"
	}
	t.Stop()
	return ""
}

// busy lets a goroutine run although it never waits.
func busy() string {
	ran := false
	var mu sync.Mutex
	go func() { mu.Lock(); ran = true; mu.Unlock() }()
	for n := 0; ; n++ {
		breathe()
		if mu.TryLock() {
			done := ran
			mu.Unlock()
			if done {
				return ""
			}
		}
	}
}

// locked makes goroutines on a thread of its own.
func locked() string {
	runtime.LockOSThread()
	tid, c := syscall.Gettid(), make(chan int)
	go func() { c <- syscall.Gettid() }()
	if other := <-c; other == tid {
		return "another goroutine ran on the locked thread"
	}
	if syscall.Gettid() != tid {
		return "it has changed its thread"
	}
	return ""
}

// collect makes garbage, and waits until the collector has noticed.
func collect() string {
	freed := make(chan bool, 1)
	runtime.SetFinalizer(&node{left: &node{}}, func(*node) { freed <- true })
	var m runtime.MemStats
	for m.NumGC < 3 {
		keep = make([]byte, 1<<16)
		if len(keep)%7 == 9 {
			return "?"
		}
		runtime.ReadMemStats(&m)
	}
	select {
	case <-freed:
	case <-time.After(time.Minute):
		return "no finalizer has run"
	}
	return ""
}

var keep []byte

// limit makes more garbage than memory allows.
func limit() string {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(24 << 20)
	for range 200 {
		keep = make([]byte, 1<<20)
		keep[1] = 1
	}
	keep = nil
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.NumGC == 0 || m.Sys-m.HeapReleased > 64<<20 {
		return fmt.Sprint(m.NumGC, " collections, ", m.Sys-m.HeapReleased, " bytes")
	}
	return ""
}

// handlers are installed when they are asked for, and not before; two signals at once
// go where they should.
func handlers() string {
	c := make(chan os.Signal, 8)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGHUP)
	syscall.Kill(syscall.Getpid(), syscall.SIGTERM)
	syscall.Kill(syscall.Getpid(), syscall.SIGHUP)
	if a, b := <-c, <-c; a == b {
		return "twice " + a.String()
	}
	signal.Ignore(syscall.SIGUSR1)
	syscall.Kill(syscall.Getpid(), syscall.SIGUSR1)
	syscall.Kill(syscall.Getpid(), syscall.SIGURG)
	signal.Reset(syscall.SIGTERM)
	return ""
}

// child runs this program again, whose signals are as they were.
func child() string {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR2)
	argv := append(strings.Fields(os.Getenv("RUNNER")), os.Args[0], "sleep")
	p, err := os.StartProcess(argv[0], argv, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stderr, os.Stderr}})
	if err != nil {
		return err.Error()
	}
	if st, err := p.Wait(); err != nil || !st.Success() {
		return fmt.Sprint(st, " ", err)
	}
	return ""
}

// cpus are asked for when there is use for more than one.
func cpus() string {
	if os.Getenv("GOMAXPROCS") != "" {
		return "GOMAXPROCS is set"
	}
	if p, n := runtime.GOMAXPROCS(0), runtime.NumCPU(); p != 1 || n != 1 {
		return fmt.Sprint(p, " Ps, ", n, " CPUs")
	}
	var set [1 << 10]byte
	n, _, e := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, uintptr(len(set)), uintptr(unsafe.Pointer(&set)))
	if e != 0 {
		return e.Error()
	}
	want := 0
	for _, b := range set[:n] {
		want += bits.OnesCount8(b)
	}
	runtime.GOMAXPROCS(2)
	if got := runtime.NumCPU(); got != want || runtime.GOMAXPROCS(1) != 2 {
		return fmt.Sprint(got, " CPUs and not ", want)
	}
	return ""
}

func endless(n int) int { return endless(n+1) + 1 }

// storm collects all the time, while goroutines with deep stacks come and go, call
// themselves, panic through frames that defer, wait with pointers into their stacks, and
// somebody sends the signal that would interrupt them. Midway more of them run at once.
func storm() string {
	debug.SetGCPercent(1)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var wrong []string
	stop := make(chan bool)
	for range 2 {
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				syscall.Kill(syscall.Getpid(), syscall.SIGURG)
				runtime.Gosched()
			}
		}()
	}
	collected := make(chan bool)
	go func() {
		for range 15 {
			runtime.GC()
			time.Sleep(time.Microsecond)
		}
		runtime.GOMAXPROCS(4)
		for range 15 {
			runtime.GC()
		}
		close(collected)
	}()
	for g := range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; ; i++ {
				select {
				case <-collected:
					return
				default:
				}
				runtime.Gosched()
				if s := storms(g, i%60+1); s != "" {
					mu.Lock()
					wrong = append(wrong, s)
					mu.Unlock()
				}
			}
		}()
	}
	wg.Wait()
	close(stop)
	return strings.Join(wrong, "; ")
}

func storms(g, depth int) string {
	t := tree(6)
	want := t.sum()
	got, c := 0, make(chan *int)
	go func() { // the stack that it points into may be moved while it waits
		p := <-c
		*p += grown(depth, t)
		c <- p
	}()
	local := 0
	c <- &local
	got = *<-c
	if got != want+depth {
		return fmt.Sprint(got, " and not ", want+depth)
	}
	if s := unwound(depth, g); s != strconv.Itoa(depth*(depth+1)/2) {
		return "deferred functions made it " + s
	}
	m := map[any]*node{}
	for i := range 50 {
		m[pair{strconv.Itoa(i), value{i}}] = &node{v: i}
		m[i] = t
	}
	sum := 0
	for _, n := range m {
		sum += n.v
	}
	if len(m) != 100 || sum != 49*50/2+50*t.v {
		return fmt.Sprint("a map of ", len(m), " whose sum is ", sum)
	}
	return ""
}

// grown calls itself with large frames, in which pointers are.
func grown(depth int, t *node) int {
	var pad [32]*node
	pad[depth%32] = t
	if depth == 0 {
		return pad[0].sum()
	}
	n := &node{left: pad[depth%32], v: 1}
	return grown(depth-1, n.left) + n.v
}

// unwound panics at the bottom, and each frame on the way up adds its number.
func unwound(depth, g int) (s string) {
	sum := 0
	defer func() {
		if r := recover(); r == nil || fmt.Sprint(r) != "bottom" && !strings.Contains(fmt.Sprint(r), "out of range") {
			s = fmt.Sprint("recovered ", r)
			return
		}
		s = strconv.Itoa(sum)
	}()
	down(depth, g, &sum)
	return ""
}

func down(depth, g int, sum *int) {
	defer func() { *sum += depth }()
	for i := range depth % 3 { // not open-coded
		defer func() { *sum += i * 0 }()
	}
	if depth == 0 {
		if g%2 == 0 {
			panic("bottom")
		}
		*sum += []int{1}[g]
	}
	down(depth-1, g, sum)
}
