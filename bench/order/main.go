// Order finds which functions common commands run, for the order in which they lie
// in the binary (cmd/slim/order.txt, `make order`):
//
//	go run ./order PROGRAM FULL
//
// prints their names. It plays commands.sh in a sandbox, and stops each rawns in it where it
// comes to a function for the first time. FULL is PROGRAM with its symbols.
//
// First come the functions that many commands run, then those that commands of several
// families run, and behind them, for each family, those of its own; among these, what the
// same commands run stands together. So of the 64 kB that the kernel maps at a time, a
// command touches few.
//
// For amd64 alone: the names are much the same elsewhere.
package main

import (
	"cmp"
	"debug/elf"
	_ "embed"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/bench/measure"
)

//go:embed commands.sh
var commands string

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: order PROGRAM FULL")
	}
	program, err := filepath.Abs(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	t := &tracer{program: program, of: map[int]*command{}, names: map[uint64]string{}}
	if err := t.read(os.Args[2]); err != nil {
		log.Fatal(err)
	}
	if err := measure.Sandbox(t.play); err != nil {
		log.Fatal(err)
	}
	names := t.order()
	fmt.Println(strings.Join(names, "\n"))
	log.Printf("%d commands ran %d of %d functions", len(t.commands), len(names), len(t.names))
}

// asked are functions that nobody runs, and whose tables every program reads: a goroutine's
// stack ends there.
var asked = []string{"runtime.goexit"}

// families are the applets that have most in common; those of topologies are the rest.
var families = [...][]string{
	{"ip"},
	{"bridge", "brctl", "ifconfig", "arp", "route", "ping", "--help"},
	{"http_server", "httpd", "curl"},
}

// family returns the index of an applet's, or how many there are.
func family(applet string) int {
	for i, f := range families {
		if slices.Contains(f, applet) {
			return i
		}
	}
	return len(families)
}

// A command is one run of the program.
type command struct {
	family int
	ran    []string // functions, as they were come to
}

type tracer struct {
	program  string
	start    uint64            // address of the text
	text     []byte            // as it is in the file
	stops    []byte            // with a breakpoint at each function
	names    map[uint64]string // of the functions, by address
	commands []*command
	of       map[int]*command // by thread, those of other programs nil
}

// read takes the functions from the file with symbols.
func (t *tracer) read(full string) error {
	f, err := elf.Open(full)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Machine != elf.EM_X86_64 {
		return fmt.Errorf("%s is not for amd64", full)
	}
	text := f.Section(".text")
	if text == nil {
		return fmt.Errorf("%s has no text", full)
	}
	if t.text, err = text.Data(); err != nil {
		return err
	}
	t.start, t.stops = text.Addr, slices.Clone(t.text)
	syms, err := f.Symbols()
	if err != nil {
		return fmt.Errorf("%s: %w", full, err)
	}
	for _, s := range syms {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Size > 0 && s.Value-t.start < uint64(len(t.text)) {
			t.names[s.Value] = strings.TrimSuffix(s.Name, ".abi0")
			t.stops[s.Value-t.start] = 0xcc // int3
		}
	}
	return nil
}

// play runs the commands, and notes what they run.
func (t *tracer) play() error {
	runtime.LockOSThread() // who traces is a thread
	cmd := exec.Command("sh", "-euc", commands)
	cmd.Env = append(os.Environ(), "RAWNS="+t.program)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Ptrace: true, Pdeathsig: unix.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	shell := cmd.Process.Pid
	t.of[shell] = nil
	early := map[int]bool{} // threads that stopped before whoever made them told of them
	for begun := false; ; {
		var st unix.WaitStatus
		pid, err := unix.Wait4(-1, &st, unix.WALL, nil)
		if err != nil {
			return err
		}
		if !begun {
			begun = true
			const follow = unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL
			if err := unix.PtraceSetOptions(pid, follow); err != nil {
				return err
			}
		}
		if st.Exited() || st.Signaled() {
			delete(t.of, pid)
			if pid == shell {
				if code := st.ExitStatus(); code != 0 {
					return fmt.Errorf("commands.sh ended with %d", code)
				}
				return nil
			}
			continue
		}
		if _, known := t.of[pid]; !known {
			early[pid] = true
			continue
		}
		signal := 0
		switch sig := st.StopSignal(); {
		case sig == unix.SIGTRAP && st.TrapCause() == unix.PTRACE_EVENT_EXEC:
			err = t.began(pid)
		case sig == unix.SIGTRAP && st.TrapCause() > 0:
			msg, e := unix.PtraceGetEventMsg(pid)
			if child := int(msg); e == nil {
				t.of[child] = t.of[pid]
				if early[child] {
					delete(early, child)
					err = unix.PtraceCont(child, 0)
				}
			}
		case sig == unix.SIGTRAP && t.of[pid] != nil:
			err = t.came(pid)
		case sig != unix.SIGTRAP && sig != unix.SIGSTOP:
			signal = int(sig)
		}
		if err == nil || err == unix.ESRCH {
			err = unix.PtraceCont(pid, signal)
		}
		if err != nil && err != unix.ESRCH { // somebody ended it
			return err
		}
	}
}

// began sets the breakpoints if what a process runs now is the program.
func (t *tracer) began(pid int) error {
	starter := t.of[pid]
	t.of[pid] = nil
	if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err != nil || exe != t.program {
		return err
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return err
	}
	args := strings.Split(string(line), "\x00")
	c := &command{family: family(args[min(1, len(args)-1)]), ran: slices.Clone(asked)}
	if starter != nil {
		c.family = starter.family // a service of a topology's, say
	}
	t.commands = append(t.commands, c)
	t.of[pid] = c
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer mem.Close()
	_, err = mem.WriteAt(t.stops, int64(t.start))
	return err
}

// came notes the function at whose breakpoint a thread has stopped, and takes that out.
func (t *tracer) came(pid int) error {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(pid, &regs); err != nil {
		return err
	}
	at := regs.Rip - 1
	name, ok := t.names[at]
	if !ok {
		return fmt.Errorf("a trap at %#x, where no function begins", at)
	}
	c := t.of[pid]
	c.ran = append(c.ran, name)
	if _, err := unix.PtracePokeText(pid, uintptr(at), t.text[at-t.start:][:1]); err != nil {
		return err
	}
	regs.Rip = at
	return unix.PtraceSetRegs(pid, &regs)
}

const several = -1

// A use says who runs a function.
type use struct {
	name   string
	place  int    // when it was come to, before or behind others
	count  int    // of how many commands
	by     string // "+" for each of the commands, "-" for the others
	first  int    // the first of them
	family int    // the only one that runs it, or several
}

func (t *tracer) uses() []*use {
	all := map[string]*use{}
	for i, c := range t.commands {
		for _, name := range c.ran {
			u := all[name]
			if u == nil {
				u = &use{name: name, place: len(all), by: strings.Repeat("-", len(t.commands)), first: i, family: c.family}
				all[name] = u
			}
			u.count++
			u.by = u.by[:i] + "+" + u.by[i+1:]
			if u.family != c.family {
				u.family = several
			}
		}
	}
	return slices.Collect(maps.Values(all))
}

// order returns the functions' names in the order in which they are to lie.
func (t *tracer) order() []string {
	uses := t.uses()
	many := len(t.commands) / 3
	slices.SortFunc(uses, func(a, b *use) int {
		switch aMany, bMany := a.count >= many, b.count >= many; {
		case aMany && bMany:
			return cmp.Or(b.count-a.count, cmp.Compare(a.by, b.by), a.place-b.place)
		case aMany:
			return -1
		case bMany:
			return 1
		}
		return cmp.Or(a.family-b.family, a.first-b.first, b.count-a.count, cmp.Compare(a.by, b.by), a.place-b.place)
	})
	var names []string
	for _, u := range uses {
		names = append(names, u.name)
	}
	return names
}
