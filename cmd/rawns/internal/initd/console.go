package initd

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
)

// console makes /dev/console the standard files if they lead nowhere: the kernel
// had no console when it started this process, and Go opened /dev/null.
func console() {
	var st unix.Stat_t
	if unix.Fstat(2, &st) == nil && (st.Mode&unix.S_IFMT != unix.S_IFCHR || uint64(st.Rdev) != unix.Mkdev(1, 3)) {
		return
	}
	fd, err := unix.Open("/dev/console", unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return
	}
	for i := range 3 {
		unix.Dup3(fd, i, 0)
	}
	if fd > 2 {
		unix.Close(fd)
	}
}

var consoleLock sync.Mutex

// relays is how many programs have what they write printed.
var relays atomic.Int32

// drain waits until what ended programs have written is printed. One that cannot
// be killed keeps it waiting, but not for long.
func drain() {
	for i := 0; i < 100 && relays.Load() > 0; i++ {
		time.Sleep(10 * time.Millisecond)
	}
}

// put writes a line of somebody's to the console, whole.
func put(name, text string) {
	b := append(cli.AppendSafe(nil, name), ": "...)
	b = append(cli.AppendSafe(b, text), '\n')
	consoleLock.Lock()
	defer consoleLock.Unlock()
	for len(b) > 0 {
		n, err := unix.Write(1, b)
		if err != nil && err != unix.EINTR && err != unix.EAGAIN {
			return
		}
		b = b[max(n, 0):]
	}
}

func (in *initd) say(text string) { put("init", text) }

// maxLine bounds what is kept of a line that does not end.
const maxLine = 1024

// relay prints what comes out of a pipe, and closes done at its end.
func relay(name string, r *os.File, done chan<- struct{}) {
	var buf [maxLine]byte
	n := 0
	for {
		m, err := r.Read(buf[n:])
		from, end := 0, n+m
		for i := n; i < end; i++ {
			if buf[i] == '\n' {
				to := i
				if to > from && buf[to-1] == '\r' {
					to--
				}
				put(name, string(buf[from:to]))
				from = i + 1
			}
		}
		n = copy(buf[:], buf[from:end])
		if n > 0 && (n == len(buf) || err != nil) {
			put(name, string(buf[:n]))
			n = 0
		}
		if err != nil {
			break
		}
	}
	r.Close()
	relays.Add(-1)
	close(done)
}

// after returns what is closed when time is over.
func after(d time.Duration) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		time.Sleep(d)
		close(c)
	}()
	return c
}
