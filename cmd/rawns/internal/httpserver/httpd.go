package httpserver

import (
	"errors"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
	"rawns/ns"
)

const httpdUsage = `Usage: rawns httpd [--listen WHERE]... [--root DIR | --body TEXT] [OPTION]...
Serve files, or a text, over HTTP/1.0 and 1.1, with keep-alive.

  --listen WHERE      one of, any number of times (0.0.0.0:8080):
                        [ADDR:]PORT      an IPv6 ADDR stands in brackets; with
                                         PORT 0 the system chooses one
                                         and standard error tells it
                        NS:[ADDR:]PORT   the same, in the network namespace NS; a *
                                         in NS stands for any text: in all
                                         namespaces whose names fit
                        unix:PATH        a unix socket; @NAME as PATH: one that
                                         is in no folder
  --root DIR          the files of a folder, and nothing outside of it: no ".."
                      and no symbolic link leads out, and names that begin with
                      a dot are not there; index.html is a folder's page.
                      Clients that take gzip get NAME.gz for NAME, if it is there
  --list              a folder without index.html is listed
  --body TEXT         the same answer always (a line that says hello)
  --type TYPE         the text's Content-Type (text/plain; charset=utf-8)
  --user USER[:GROUP] become this user when all is open, by name or number, and
                      the groups that it is in, or GROUP alone
  --no-seccomp        do without the filter of system calls
  --log FILE          a line for each answer goes there, in the common log format;
                      - is standard output. At SIGHUP it is opened by its name
                      again, which may be that of a new file now
  --loops N           N threads serve, each a part of the clients (1)
  --backlog N         how many clients may wait to be accepted (1024)
  --max-conns N       how many may be connected (16384, or what the limit of open
                      files allows, with --root half of that): one more takes
                      the place of the one that has been silent for longest
  --max-head N        bytes of a request's head (8192)
  --max-body N        bytes of a request's body (1048576), which is ignored
  --read-timeout S    seconds for a head, and for each 4 KiB of a body (10)
  --write-timeout S   seconds until a client must take some of an answer (60)
  --idle-timeout S    seconds between two requests (60)
  -h, --help          this text

One process serves all of them, with one loop or --loops of them. Sockets that
systemd passes on (LISTEN_FDS) are served, too, and without --listen only they.
What a program could read in two ways is refused: 400. SIGINT and SIGTERM end
it, after the answers under way.

Once it listens it has no capabilities (root, if it stays root, CAP_DAC_OVERRIDE)
and starts no program; and a filter ends it (SIGSYS) at any system call that
serving does not take, but on loong64, mips, mips64 and ppc64.
Exit codes: 0 ended so; 1 it could not listen, or serve; 2 wrong usage.
`

const httpdName = "rawns httpd"

// page is the handler: one text.
type page struct{ text, kind string }

func (p *page) Serve(a *httpraw.Answer, r *httpraw.Request) {
	if m := string(r.Method); m != "GET" && m != "HEAD" {
		a.Refuse(405, "")
		a.Field("Allow", "GET, HEAD")
		return
	}
	a.Type = p.kind
	a.WriteString(p.text)
}

// config is what a command line says.
type config struct {
	srv     httpraw.Server
	listen  []string
	page    page
	body    bool // --body or --type was given
	root    string
	list    bool
	log     string
	backlog int
	loops   int

	user       *identity // whom to become; nil: stay
	unfiltered bool
}

// HTTPD is the applet httpd.
func HTTPD(args []string) int {
	cli.Settle()
	c := &config{page: page{"Hello from rawns.\n", "text/plain; charset=utf-8"}, loops: 1}
	if code := c.parse(args[1:]); code >= 0 {
		return code
	}
	if c.list && c.root == "" {
		return cli.Fail(2, httpdName, "--list is of use with --root only")
	}
	passed, err := passedOn()
	if err != nil {
		return cli.Fail(1, httpdName, err.Error())
	}
	if len(c.listen)+len(passed) == 0 {
		c.listen = []string{httpraw.DefaultAddr}
	}
	c.srv.Handler = &c.page
	if c.root != "" {
		if c.body {
			return cli.Fail(2, httpdName, "--root and --body exclude each other")
		}
		f, err := httpraw.OpenFiles(c.root)
		if err != nil {
			return cli.Fail(1, httpdName, err.Error())
		}
		defer f.Close()
		f.List = c.list
		c.srv.Handler = f
	}
	if err := c.openLog(); err != nil {
		return cli.Fail(1, httpdName, err.Error())
	}
	parts, code := c.listenAll(passed)
	if code >= 0 {
		return code
	}
	c.fit()
	cli.Settle()
	endOnSignal(&c.srv)
	if code := c.confine(); code >= 0 {
		closeAll(parts)
		return code
	}
	if err := c.serve(parts); err != nil {
		return cli.Fail(1, httpdName, err.Error())
	}
	return 0
}

// openLog makes the server print a line for each answer, if --log says so.
func (c *config) openLog() (err error) {
	if c.log == "" {
		return nil
	}
	out := httpraw.NewPrinter(1)
	if c.log != "-" {
		if out, err = httpraw.OpenPrinter(c.log); err != nil {
			return err
		}
		hup := make(chan os.Signal, 1)
		signal.Notify(hup, syscall.SIGHUP)
		go reopen(out, hup)
	}
	out.Lost = func(n uint64, err error) {
		why := "the log was blocked"
		if err != nil {
			why = err.Error()
		}
		warn("lines not logged: ", strconv.FormatUint(n, 10), ": ", why)
	}
	c.srv.Out, c.srv.Log = out, true
	return nil
}

// reopen follows the log's name at each signal.
func reopen(out *httpraw.Printer, hup chan os.Signal) {
	for range hup {
		if err := out.Reopen(); err != nil {
			warn("the log stays the old file: ", err.Error())
		}
	}
}

var warning sync.Mutex

// warn prints what goes wrong meanwhile, in any loop.
func warn(what ...string) {
	warning.Lock()
	defer warning.Unlock()
	cli.Fail(0, httpdName, what...)
}

// listenAll opens all listeners, a set of them for each loop, which passed get
// into, too; or it says what is wrong, and returns an exit code, which is -1
// otherwise.
func (c *config) listenAll(passed []*httpraw.Listener) (parts [][]*httpraw.Listener, code int) {
	parts = make([][]*httpraw.Listener, c.loops)
	for _, l := range passed {
		same, err := several(l, c.loops)
		for j, l := range same {
			parts[j] = append(parts[j], l)
		}
		if err != nil {
			closeAll(parts)
			return nil, cli.Fail(1, httpdName, err.Error())
		}
	}
	for _, pattern := range c.listen {
		wheres, err := expand(pattern)
		for i := 0; i < len(wheres) && err == nil; i++ {
			where := wheres[i]
			var same []*httpraw.Listener
			same, err = open(where, c.backlog, c.loops)
			for j, l := range same {
				parts[j] = append(parts[j], l)
			}
			if err != nil {
				pattern = where
			} else if strings.HasSuffix(where, ":0") || where == "0" {
				cli.Stderr.S(httpdName, ": ").Safe(where).S(": listening on port ").U(uint64(same[0].Addr().Port)).NL().Flush()
			}
		}
		if err != nil {
			closeAll(parts)
			return nil, cli.Fail(1, httpdName, pattern, ": ", err.Error())
		}
	}
	return parts, -1
}

func closeAll(parts [][]*httpraw.Listener) {
	for _, p := range parts {
		for _, l := range p {
			l.Close()
		}
	}
}

// fit divides the connections among the loops, and lowers their number to what the
// process may have files for: with --root each connection may need two, and one
// that has got in must not find that there is none left.
func (c *config) fit() {
	n := c.loops
	c.srv.MaxConns = (c.srv.MaxConns + n - 1) / n
	var most unix.Rlimit
	next, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 0) // as many are in use
	if err != nil || unix.Getrlimit(unix.RLIMIT_NOFILE, &most) != nil {
		return
	}
	unix.Close(next)
	const own, ofLoop = 3, 2 // the log once more, what is shut; and epoll and the eventfd
	left := int(min(most.Cur, 1<<30)) - next - own - n*ofLoop
	if c.root != "" {
		left /= 2
	}
	c.srv.MaxConns = max(1, min(c.srv.MaxConns, left/n))
}

// serve runs a loop for each set of listeners until all have ended.
func (c *config) serve(parts [][]*httpraw.Listener) (err error) {
	n := len(parts)
	if n > 1 && n > runtime.GOMAXPROCS(0) { // or they would take turns
		runtime.GOMAXPROCS(n)
	}
	c.srv.Idle = cli.Settle
	cli.Settle()
	ended := make(chan error)
	for _, p := range parts[1:] {
		go func() { ended <- c.srv.Serve(p...) }()
	}
	err = c.srv.Serve(parts[0]...)
	for range parts[1:] {
		if e := <-ended; err == nil {
			err = e
		}
	}
	return err
}

// numbers are the options that take a number: the smallest and the largest.
var numbers = []struct {
	name      string
	low, high int
}{
	{"--backlog", 1, 1 << 20},
	{"--loops", 1, 64},
	{"--max-conns", 1, 1 << 24},
	{"--max-head", 64, 1 << 24},
	{"--max-body", 0, 1<<31 - 1},
	{"--read-timeout", 1, 1 << 20},
	{"--write-timeout", 1, 1 << 20},
	{"--idle-timeout", 1, 1 << 20},
}

// parse reads the arguments; it returns an exit code if that was all, else -1.
func (c *config) parse(args []string) int {
	c.srv.MaxConns = maxConns
	c.srv.ReadTimeout, c.srv.WriteTimeout, c.srv.IdleTimeout = 10*time.Second, time.Minute, time.Minute
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		if name == "-h" || name == "--help" {
			cli.Stdout.S(httpdUsage)
			return 0
		}
		if (name == "--list" || name == "--no-seccomp") && !joined {
			c.list = c.list || name == "--list"
			c.unfiltered = c.unfiltered || name != "--list"
			continue
		}
		row := 0
		for row < len(numbers) && numbers[row].name != name {
			row++
		}
		if row == len(numbers) && name != "--listen" && name != "--root" && name != "--log" && name != "--body" && name != "--type" && name != "--user" {
			return cli.Fail(2, httpdName, `"`, name, `" is not an option; "`, httpdName, ` -h" lists them`)
		}
		if !joined {
			if len(args) == 0 {
				return cli.Fail(2, httpdName, "a value must follow ", name)
			}
			value, args = args[0], args[1:]
		}
		switch name {
		case "--listen":
			if err := check(value); err != nil {
				return cli.Fail(2, httpdName, `--listen "`, value, `": `, err.Error())
			}
			c.listen = append(c.listen, value)
		case "--root":
			if c.root = value; value == "" {
				return cli.Fail(2, httpdName, "--root names no folder")
			}
		case "--log":
			c.log = value
		case "--user":
			id, err := parseIdentity(value)
			if err != nil {
				return cli.Fail(2, httpdName, "--user: ", err.Error())
			}
			c.user = id
		case "--body":
			c.page.text, c.body = value, true
		case "--type":
			c.page.kind, c.body = value, true
			for i := range len(value) {
				if value[i] < ' ' || value[i] == 0x7f {
					return cli.Fail(2, httpdName, "--type has a control character")
				}
			}
		default:
			n, err := strconv.Atoi(value)
			if r := &numbers[row]; err != nil || n < r.low || n > r.high {
				return cli.Fail(2, httpdName, name, " takes a number from ", strconv.Itoa(r.low), " to ", strconv.Itoa(r.high), `, not "`, value, `"`)
			}
			c.set(name, n)
		}
	}
	return -1
}

func (c *config) set(name string, n int) {
	d := time.Duration(n) * time.Second
	switch name {
	case "--backlog":
		c.backlog = n
	case "--loops":
		c.loops = n
	case "--max-conns":
		c.srv.MaxConns = n
	case "--max-head":
		c.srv.MaxRequest = n
	case "--max-body":
		if c.srv.MaxBody = int64(n); n == 0 {
			c.srv.MaxBody = -1
		}
	case "--read-timeout":
		c.srv.ReadTimeout = d
	case "--write-timeout":
		c.srv.WriteTimeout = d
	case "--idle-timeout":
		c.srv.IdleTimeout = d
	}
}

// split takes the namespace off [NS:][ADDR:]PORT. A namespace's name may have
// colons in it, and an address in brackets has some. What stands alone before
// the port is a namespace if it cannot be meant as an address.
func split(where string) (space, addr string) {
	port := strings.LastIndexByte(where, ':')
	if port < 0 {
		return "", where
	}
	from := strings.LastIndexByte(where[:port], ':') + 1
	if where[:port] != "" && where[port-1] == ']' {
		from = strings.LastIndexByte(where[:port], '[')
	}
	if from <= 0 {
		if host := where[:port]; strings.Trim(host, "0123456789.") == "" || strings.ContainsAny(host, "[]") {
			return "", where
		}
		return where[:port], where[port:]
	}
	if where[from-1] != ':' {
		return "", where // "x[::1]:80": no address, as ParseAddr says
	}
	return where[:from-1], where[from:]
}

// check finds what is wrong with WHERE without opening anything.
func check(where string) error {
	if path, ok := strings.CutPrefix(where, "unix:"); ok && path != "" {
		return nil
	}
	space, addr := split(where)
	if _, err := httpraw.ParseAddr(addr); err != nil {
		return err
	}
	if space != "" {
		return ns.CheckName(space)
	}
	return nil
}

// expand lists the WHEREs that one with a * in its namespace stands for.
func expand(where string) ([]string, error) {
	space, addr := split(where)
	from, to, star := strings.Cut(space, "*")
	if !star || strings.HasPrefix(where, "unix:") {
		return []string{where}, nil
	}
	names, err := ns.List()
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []string
	for _, name := range names {
		if len(name) >= len(from)+len(to) && strings.HasPrefix(name, from) && strings.HasSuffix(name, to) {
			all = append(all, name+":"+addr)
		}
	}
	if len(all) == 0 {
		return nil, errors.New(`no network namespace has such a name; "ip netns" lists those that there are`)
	}
	return all, nil
}

// open opens the listener that WHERE names, once for each loop. With an error
// it returns those that it has opened.
func open(where string, backlog, loops int) (same []*httpraw.Listener, err error) {
	path, isUnix := strings.CutPrefix(where, "unix:")
	space, addr := split(where)
	listen := func() (err error) {
		var l *httpraw.Listener
		if isUnix {
			l, err = httpraw.ListenUnix(path, backlog)
		} else {
			l, err = httpraw.Listen(addr, backlog)
		}
		if err == nil {
			same, err = several(l, loops)
		}
		return err
	}
	if isUnix || space == "" {
		err = listen()
		return same, err
	}
	n, err := ns.Open(space)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	doErr := n.Do(func() error {
		err = listen()
		return nil
	})
	if err == nil {
		err = doErr
	}
	return same, err
}

// several returns l, and listeners that share its place, one for each loop. With
// an error it returns those that there are.
func several(l *httpraw.Listener, loops int) (same []*httpraw.Listener, err error) {
	for same = append(same, l); len(same) < loops; same = append(same, l) {
		if l, err = l.Share(); err != nil {
			break
		}
	}
	return same, err
}
