package httpserver

import (
	"strconv"
	"strings"
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
                        NS:[ADDR]:PORT   the same, in the network namespace NS
                        unix:PATH        a unix socket; @NAME as PATH: one that
                                         is in no folder
  --root DIR          the files of a folder, and nothing outside of it: no ".."
                      and no symbolic link leads out, and names that begin with
                      a dot are not there; index.html is a folder's page
  --body TEXT         the same answer always (a line that says hello)
  --type TYPE         the text's Content-Type (text/plain; charset=utf-8)
  --log FILE          a line for each answer goes there, in the common log format;
                      - is standard output
  --backlog N         how many clients may wait to be accepted (1024)
  --max-conns N       how many may be connected (16384): one more takes the
                      place of the one that has been silent for longest
  --max-head N        bytes of a request's head (8192)
  --max-body N        bytes of a request's body (1048576), which is ignored
  --read-timeout S    seconds for a head, and for each 4 KiB of a body (10)
  --write-timeout S   seconds until a client must take some of an answer (60)
  --idle-timeout S    seconds between two requests (60)
  -h, --help          this text

One process and one loop serve all of them. What a program could read in two
ways is refused: 400. SIGINT and SIGTERM end it, after the answers under way.
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
	log     string
	backlog int
}

// HTTPD is the applet httpd.
func HTTPD(args []string) int {
	c := &config{page: page{"Hello from rawns.\n", "text/plain; charset=utf-8"}}
	if code := c.parse(args[1:]); code >= 0 {
		return code
	}
	if len(c.listen) == 0 {
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
		c.srv.Handler = f
	}
	if c.log != "" {
		fd := 1
		if c.log != "-" {
			var err error
			const flags = unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_NOCTTY | unix.O_CLOEXEC
			if fd, err = unix.Open(c.log, flags, 0o640); err != nil {
				return cli.Fail(1, httpdName, (&httpraw.Error{Kind: httpraw.Refused, Op: "open", Host: c.log, Err: err}).Error())
			}
		}
		c.logTo(httpraw.NewPrinter(fd))
	}
	var listeners []*httpraw.Listener
	for _, where := range c.listen {
		l, err := open(where, c.backlog)
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			return cli.Fail(1, httpdName, where, ": ", err.Error())
		}
		listeners = append(listeners, l)
		if strings.HasSuffix(where, ":0") || where == "0" {
			cli.Stderr.S(httpdName, ": ").Safe(where).S(": listening on port ").U(uint64(l.Addr().Port)).NL().Flush()
		}
	}
	endOnSignal(&c.srv)
	if err := c.srv.Serve(listeners...); err != nil {
		return cli.Fail(1, httpdName, err.Error())
	}
	return 0
}

// logTo makes the server print a line for each answer.
func (c *config) logTo(out *httpraw.Printer) {
	out.Lost = func(n uint64, err error) {
		why := "the log was blocked"
		if err != nil {
			why = err.Error()
		}
		cli.Fail(0, httpdName, "lines not logged: ", strconv.FormatUint(n, 10), ": ", why)
	}
	var line []byte // kept from call to call
	c.srv.Out = out
	c.srv.Seen = func(e *httpraw.Entry) {
		line = e.AppendCommon(line[:0], time.Now().Unix())
		out.Print("", line, "")
	}
}

// numbers are the options that take a number: the smallest and the largest.
var numbers = []struct {
	name      string
	low, high int
}{
	{"--backlog", 1, 1 << 20},
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
		row := 0
		for row < len(numbers) && numbers[row].name != name {
			row++
		}
		if row == len(numbers) && name != "--listen" && name != "--root" && name != "--log" && name != "--body" && name != "--type" {
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
// colons in it, and an address in brackets has some.
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
		return "", where
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

// open opens the listener that WHERE names.
func open(where string, backlog int) (l *httpraw.Listener, err error) {
	if path, ok := strings.CutPrefix(where, "unix:"); ok {
		return httpraw.ListenUnix(path, backlog)
	}
	space, addr := split(where)
	if space == "" {
		return httpraw.Listen(addr, backlog)
	}
	n, err := ns.Open(space)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	doErr := n.Do(func() error {
		l, err = httpraw.Listen(addr, backlog)
		return nil
	})
	if err == nil {
		err = doErr
	}
	return l, err
}
