// Package initd is the applet init: the first process of a machine, or of a pid
// namespace. docs/init.md is about it.
package initd

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/topology"
)

const usage = `Usage: rawns init [FILE]
       rawns init --check [FILE]

The first process of a machine, as /init of an initramfs, /sbin/init, or by
"init=/bin/rawns -- init" on the kernel's command line; or of a pid namespace. It
mounts /proc, /sys, /dev, /dev/pts and /run, brings lo up, and carries out FILE,
by default ` + defaultFile + `, line by line. What fails is told, and the next line is
carried out all the same. Then it restarts services that end, and waits for
orphans, until it is told to stop. --check only reads FILE. Its lines:

  module NAME|PATH [PARAMETER=VALUE]...  loads kernel modules, any number
  modules FILE                   the same for each line of FILE
  mount TYPE DIR [OPTIONS [SOURCE]]
  hostname NAME
  sysctl KEY=VALUE
  up [FILE]                      makes a topology; its services are restarted
  run COMMAND [ARGUMENT]...      waits until it ends
  service COMMAND [ARGUMENT]...  restarted when it ends
  console COMMAND [ARGUMENT]...  the same, with the console as its terminal
  quiet                          says only what fails from here on
  poweroff, reboot, halt         the end; without one of them it stays

A command that is an applet of rawns is that applet. Signals: USR2 and PWR power
off, TERM and INT (Ctrl-Alt-Del) reboot, USR1 halts: "kill -USR2 1".
Exit codes: none as process 1; else 1 it is not process 1, or FILE has faults; 0
--check found none; 2 wrong usage.
`

const (
	verb        = "rawns init"
	defaultFile = "/etc/rawns.init"
)

// Run is the applet init. applet tells whether rawns has an applet of a name.
func Run(args []string, applet func(name string) bool) int {
	path, check := "", false
	for _, a := range args[1:] {
		switch {
		case a == "-h" || a == "--help":
			cli.Stdout.S(usage)
			return 0
		case a == "--check":
			check = true
		case strings.IndexByte(a, '/') >= 0 && path == "" || check && path == "":
			path = a
		case os.Getpid() != 1:
			cli.Fail(2, verb, `"`, a, `" is no file: one has a "/" in it`)
			cli.Stderr.S(usage)
			return 2
		} // As process 1 it is a word of the kernel's command line that nobody knows.
	}
	if path == "" {
		path = defaultFile
	}
	if check {
		c := read(path)
		if c.err != nil {
			return topology.Fail(verb, c.err)
		}
		return 0
	}
	if os.Getpid() != 1 {
		return cli.Fail(1, verb, "this is process ", string(cli.NewBuffer().D(int64(os.Getpid())).B),
			", not 1: init is the first process of a machine or of a pid namespace (unshare --pid --fork --mount --net rawns init FILE); --check FILE only reads FILE")
	}
	in := &initd{applet: applet}
	in.signals()
	in.begin()
	in.file(path)
	cli.Settle()
	for in.end == 0 {
		in.event(nil)
	}
	in.shutdown()
	return 0 // in a pid namespace alone
}

// An initd is process 1 at work. Everything happens on one goroutine, but that
// others carry output to the console, and tell when time is over.
type initd struct {
	applet   func(name string) bool
	child    chan os.Signal // SIGCHLD
	told     chan os.Signal // those that end it
	again    chan *service  // is to be started again
	services []*service
	awaited  int // the process that wait waits for
	status   unix.WaitStatus
	null     uintptr  // /dev/null
	mounted  []string // what was mounted here, in this order
	real     bool     // a machine's, not a pid namespace's
	quiet    bool
	ok, bad  uint64 // steps
	end      uint32 // an argument of reboot(2), 0 for none
}

// first are the steps before those of the file.
const first = `mount proc /proc nosuid,nodev,noexec
mount sysfs /sys nosuid,nodev,noexec
mount devtmpfs /dev nosuid,mode=0755
mount devpts /dev/pts nosuid,noexec,gid=5,mode=620,ptmxmode=666
mount tmpfs /run nosuid,nodev,mode=0755
`

// begin makes what each file may rest upon.
func (in *initd) begin() {
	if os.Getenv("PATH") == "" {
		os.Setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
	}
	c := parse("", []byte(first))
	for i := range c.lines {
		in.step(&c.lines[i])
		if i == 2 {
			console()
		}
	}
	if fd, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0); err == nil {
		in.null = uintptr(fd)
	}
	in.real = initialPid()
	in.step(&line{word: &word{name: "lo up", do: lo}})
	// Ctrl-Alt-Del is to be a signal. Only a machine's own init may say so.
	unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF)
}

// initialPid tells whether this is the machine's own pid namespace. Its number
// is PROC_PID_INIT_INO of linux/proc_ns.h.
func initialPid() bool {
	var st unix.Stat_t
	return unix.Stat("/proc/self/ns/pid", &st) != nil || st.Ino == 0xEFFFFFFC
}

// file carries out a file.
func (in *initd) file(path string) {
	c := read(path)
	if c.err != nil {
		in.bad++
		topology.Fail(verb, c.err)
	}
	if len(c.lines) == 0 && unix.Access("/bin/sh", unix.X_OK) == nil {
		in.say("no line to carry out: a shell, so that somebody may mend it")
		c.lines = parse("", []byte("console /bin/sh")).lines
	}
	for i := range c.lines {
		if in.between(); in.end != 0 {
			return
		}
		in.step(&c.lines[i])
	}
}

// step carries out a line, and says what came of it.
func (in *initd) step(l *line) {
	start := time.Now()
	why := in.try(l)
	if why == nothing {
		return
	}
	o := cli.NewBuffer()
	if why != "" {
		in.bad++
		o.S("FAIL ")
	} else {
		in.ok++
		o.S("ok ")
	}
	o.S(l.name)
	for _, a := range l.args {
		o.C(' ').S(a)
	}
	if why != "" {
		o.S(": ", why)
	} else {
		o.S(" (").D(time.Since(start).Milliseconds()).S(" ms)")
	}
	if why != "" || !in.quiet {
		in.say(string(o.B))
	}
}

// try is do; that it went wrong is no reason to end, as the machine would.
func (in *initd) try(l *line) (why string) {
	defer func() {
		if recover() != nil {
			why = "a fault of rawns itself"
		}
	}()
	return l.do(in, l.args)
}
