// Slow measures what ten thousand slow clients take from the others: rawns httpd with
// and without them.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/bench/measure"
)

const how = `A hundred clients ask rawns httpd for a small file, each again and again on a connection that it keeps, while thousands of others are connected: **senders**
send the head of a request, a byte a second, and **readers** have asked for a file of 1 GiB, into the smallest receive buffer
that the kernel gives, and read a byte a second of it. The server is pinned to the first CPU, all clients to the last one. Its CPU time is what its
threads have run, with all that they did for the slow ones in that time; the memory is its own, not the kernel's.`

const (
	slowClients = 9500 // with as many files it stays below 20,000 descriptors
	quickOnes   = 100
)

func main() {
	runtime.LockOSThread()
	p := measure.Begin("slow", "Slow clients", how)
	p.Exit(run(p))
}

func run(p *measure.Part) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	httpd, err := measure.Rawns("rawns", dir)
	if err != nil {
		return err
	}
	root := filepath.Join(dir, "root")
	os.Mkdir(root, 0o755)
	if err := os.WriteFile(root+"/small", []byte("<html><h1>Welcome to my http server!</h1><html>\n"), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(root+"/large", nil, 0o644); err != nil {
		return err
	}
	if err := os.Truncate(root+"/large", 1<<30); err != nil {
		return err
	}
	requests, slow := 200000, slowClients
	if p.Quick() {
		requests, slow = 2000, 100
	}
	const with, without = "with them", "alone"
	t := p.Table("What slow clients take from others", measure.Metric{Name: "CPU", Unit: "µs a request"},
		measure.Metric{Name: "rate", Unit: "requests/s", More: true}, measure.Metric{Name: "memory", Unit: "kB", Bare: true})
	t.Base = with
	for _, kind := range []string{"senders", "readers"} {
		var peers []measure.Peer
		for _, name := range []string{with, without} {
			n := map[string]int{with: slow}[name]
			peers = append(peers, measure.Peer{Name: name, Run: func() (measure.Sample, error) { return once(httpd, root, kind, n, requests) }})
		}
		t.Measure(measure.Format(float64(slow))+" slow "+kind, p.Turns(3), peers...)
	}
	t.Aim("others are served at 90 % of the rate, by the server's CPU time", "CPU", 0.9, without)
	return nil
}

// onCPU pins the calling thread, or a process.
func onCPU(pid, cpu int) {
	var set unix.CPUSet
	set.Set(cpu)
	unix.SchedSetaffinity(pid, &set)
}

// once runs a server, n slow clients of a kind, and asks it for so much.
func once(httpd, root, kind string, n, requests int) (measure.Sample, error) {
	cmd := exec.Command(httpd, "httpd", "--listen", "127.0.0.1:0", "--root", root, "--max-conns", "20000", "--backlog", "16384",
		"--read-timeout", "600", "--write-timeout", "600")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	port, err2 := strconv.Atoi(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]))
	if err != nil || err2 != nil {
		return nil, fmt.Errorf("the server says %q", line)
	}
	onCPU(cmd.Process.Pid, 0)
	onCPU(0, runtime.NumCPU()-1)
	to := &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}

	s := slowOnes{kind: kind, end: make(chan bool), ended: make(chan error)}
	defer s.close()
	if err := s.connect(to, n); err != nil {
		return nil, err
	}
	if n > 0 {
		go s.drip()
	}
	q, err := connectQuick(to)
	if err != nil {
		return nil, err
	}
	defer q.close()
	if err := q.ask(requests / 10); err != nil {
		return nil, err
	}
	before, start := ran(cmd.Process.Pid), time.Now()
	if err := q.ask(requests); err != nil {
		return nil, err
	}
	took, cpu := time.Since(start), ran(cmd.Process.Pid)-before
	memory := 0.0
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		fmt.Sscanf(line, "VmRSS: %f", &memory)
	}
	if n > 0 {
		close(s.end)
		if err := <-s.ended; err != nil {
			return nil, err
		}
	}
	return measure.Sample{"CPU": cpu / float64(requests) / 1000, "rate": float64(requests) / took.Seconds(), "memory": memory}, nil
}

// ran is for how many ns the threads of a process have run.
func ran(pid int) (ns float64) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, task := range tasks {
		b, _ := os.ReadFile(task)
		first, _, _ := strings.Cut(string(b), " ")
		v, _ := strconv.ParseFloat(first, 64)
		ns += v
	}
	return ns
}

// quick are the clients that are measured.
type quick []int

func connectQuick(to *unix.SockaddrInet4) (q quick, err error) {
	for range quickOnes {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			err = unix.Connect(fd, to)
		}
		if err != nil {
			return q, err
		}
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		q = append(q, fd)
	}
	return q, nil
}

func (q quick) close() {
	for _, fd := range q {
		unix.Close(fd)
	}
}

// ask makes n requests, one on each connection at a time. While one half of the
// clients takes its answers the other half waits, so that the server has always
// something to do: falling asleep and waking up takes time, too.
func (q quick) ask(n int) error {
	request := []byte("GET /small HTTP/1.1\r\nHost: a\r\n\r\n")
	buf := make([]byte, 4096)
	half := len(q) / 2
	for i := 0; i*half < n+len(q); i++ {
		clients := q[i%2*half:][:half]
		for _, fd := range clients {
			if i < 2 { // nothing is under way yet
				break
			}
			k, err := unix.Read(fd, buf)
			if err != nil || !bytes.HasPrefix(buf[:k], []byte("HTTP/1.1 200 OK\r\n")) || !bytes.HasSuffix(buf[:k], []byte("<html>\n")) {
				return fmt.Errorf("an answer is %q, %v", buf[:k], err)
			}
		}
		for _, fd := range clients {
			if i*half >= n { // enough
				break
			}
			if _, err := unix.Write(fd, request); err != nil {
				return err
			}
		}
	}
	return nil
}

// slowOnes are the others.
type slowOnes struct {
	kind  string
	fds   []int
	end   chan bool
	ended chan error
}

func (s *slowOnes) connect(to *unix.SockaddrInet4, n int) error {
	for range n {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		s.fds = append(s.fds, fd)
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		if err := unix.Connect(fd, to); err != nil {
			return err
		}
		first := "GET /"
		if s.kind == "readers" {
			first += "large HTTP/1.1\r\nHost: a\r\n\r\n"
		}
		if _, err := unix.Write(fd, []byte(first)); err != nil {
			return err
		}
		unix.SetNonblock(fd, true)
	}
	return nil
}

// drip lets each send or read a byte a second.
func (s *slowOnes) drip() {
	runtime.LockOSThread()
	onCPU(0, runtime.NumCPU()-1)
	b := []byte("a")
	const at = 100 // so many at a time
	pause := time.Second * at / time.Duration(len(s.fds))
	next := time.Now()
	for {
		for i, fd := range s.fds {
			var err error
			if s.kind == "readers" {
				_, err = unix.Read(fd, b)
			} else {
				_, err = unix.Write(fd, b)
			}
			if err != nil && err != unix.EAGAIN {
				<-s.end
				s.ended <- fmt.Errorf("slow client %d: %w", i, err)
				return
			}
			if i%at == at-1 {
				select {
				case <-s.end:
					s.ended <- nil
					return
				default:
				}
				next = next.Add(pause)
				time.Sleep(time.Until(next))
			}
		}
	}
}

// close resets all connections, so that the kernel keeps nothing of them.
func (s *slowOnes) close() {
	for _, fd := range s.fds {
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		unix.Close(fd)
	}
}
