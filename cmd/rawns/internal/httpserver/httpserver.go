// Package httpserver is the applet http_server: the article's web server. It
// answers whatever a client sends with one page, and prints what was sent.
//
// On the wire and on standard output it is the article's C program, which runs
// a thread for each connection, byte for byte: one read of up to 4895 bytes,
// printed as printf(" %s ", buf) does, so up to the first NUL, then the page.
// This one is a single epoll loop (package httpraw). Where it differs, it is
// for the better:
//
//   - A client that has not sent all of its request when it is answered is
//     listened to for two more seconds, so that it does not lose the page to
//     a connection reset.
//   - A connection that is reset before it has sent anything is not printed.
//   - SIGINT and SIGTERM end it with exit code 0, once the answers under way
//     are out. A second signal ends it at once.
//   - Where standard output is a terminal, control characters other than line
//     ends and tabs are escaped.
//   - Where nobody reads standard output, it goes on serving: up to one MiB
//     is held back, and what comes above that is not printed, which standard
//     error tells when reading goes on. If nobody ever can again (EPIPE), the
//     server ends.
//   - 1024 clients may wait to be accepted, not 5: a hundred at once, as ab -c
//     100 sends them, overflow the original, and some never get the page.
//   - More than 16384 connections, or more than the process may have files,
//     are not open at once: the one that has been silent for longest makes
//     room for a new one.
package httpserver

import (
	"bytes"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

const maxConns = 16384

const usage = `Usage: http_server [-b BACKLOG] [[ADDR:]PORT]
Answer every HTTP request with one page, and print the requests.

  [ADDR:]PORT  where to listen (0.0.0.0:8080); an IPv6 ADDR stands in
               brackets; with PORT 0 the system chooses one and
               standard error tells it
  -b BACKLOG   how many clients may wait to be accepted (1024)
  -h           this text

SIGINT (Ctrl-C) or SIGTERM ends it.
`

// Run is the applet.
func Run(args []string) int {
	cli.Settle()
	addr, backlog, code := parse(args)
	if code >= 0 {
		return code
	}
	l, err := httpraw.Listen(addr, backlog)
	if err != nil {
		return cli.Fail(1, args[0], err.Error())
	}
	if a, err := httpraw.ParseAddr(addr); err == nil && a.Port == 0 {
		cli.Stderr.Safe(args[0]).S(": listening on ", l.Addr().String()).NL().Flush()
	}

	out := httpraw.NewPrinter(1)
	defer out.Close()
	out.Lost = func(n uint64, err error) {
		why := "standard output was blocked"
		if err != nil {
			why = err.Error()
		}
		cli.Fail(0, args[0], "requests not printed: ", strconv.FormatUint(n, 10), ": ", why)
	}
	srv := &httpraw.Server{
		Raw:      httpraw.Article{Seen: printTo(out, cli.IsTerminal(1))},
		Out:      out,
		MaxConns: maxConns,
		Idle:     cli.Settle,
	}
	endOnSignal(srv)
	cli.Settle()
	if err := srv.Serve(l); err != nil {
		return cli.Fail(1, args[0], err.Error())
	}
	return 0
}

// parse returns what the arguments say, and an exit code if that was all.
func parse(args []string) (addr string, backlog, code int) {
	addr = httpraw.DefaultAddr
	rest := args[1:]
	for len(rest) > 0 {
		a := rest[0]
		rest = rest[1:]
		switch {
		case a == "-h" || a == "--help":
			cli.Stdout.S(usage)
			return "", 0, 0
		case a == "-b":
			if len(rest) > 0 {
				backlog, _ = strconv.Atoi(rest[0])
				rest = rest[1:]
			}
			if backlog < 1 {
				return "", 0, cli.Fail(2, args[0], "-b takes a number from 1 on")
			}
		case len(a) > 0 && a[0] == '-':
			return "", 0, cli.Fail(2, args[0], `"`, a, `" is not an option; "`, args[0], ` -h" lists them`)
		case len(rest) > 0:
			return "", 0, cli.Fail(2, args[0], `nothing may follow "`, a, `", the address to listen on, but "`, rest[0], `" does`)
		default:
			if _, err := httpraw.ParseAddr(a); err != nil {
				return "", 0, cli.Fail(2, args[0], `"`, a, `": `, err.Error())
			}
			addr = a
		}
	}
	return addr, backlog, -1
}

// printTo prints requests as printf(" %s ", request) does.
func printTo(out *httpraw.Printer, terminal bool) func([]byte) {
	var text []byte // kept from call to call
	return func(request []byte) {
		if i := bytes.IndexByte(request, 0); i >= 0 {
			request = request[:i]
		}
		if terminal {
			text = cli.AppendText(text[:0], request)
			request = text
		}
		out.Print(" ", request, " ")
	}
}

// endOnSignal ends the server at the first SIGINT or SIGTERM; the next has its
// usual effect. One that was ignored at the start stays so: a shell without
// job control starts "http_server &" with SIGINT ignored, so that Ctrl-C ends
// only what is in the foreground.
func endOnSignal(srv *httpraw.Server) {
	c := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
	go func() {
		<-c
		signal.Stop(c)
		srv.Shutdown()
	}()
}
