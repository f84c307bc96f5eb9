// Package selftest is the applet selftest: what of this kernel rawns can use.
package selftest

import (
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/sandbox"
	"rawns/nl/rtnl"
	"rawns/ns/topo"
)

const usage = `Usage: rawns selftest [--json]

Tries, in a sandbox that leaves nothing behind, what of this kernel rawns can use,
each kind of link too, and that rawns itself works here. Needs no root where
ordinary users may make namespaces. A line each:

  ok NAME
  no NAME: CONFIG_OPTION, module MODULE   what of the kernel would bring it
  FAIL NAME: WHY

--json prints a list of objects with name, result (ok, missing, failed), and where they
say something config, module, why.
Exit codes: 0 nothing failed, also where something is missing; 1 something did, or
there is no sandbox; 2 wrong usage.
`

const verb = "rawns selftest"

// Run is the applet selftest. find returns the applet of a name.
func Run(args []string, find func(name string) cli.Applet) int {
	r := &run{find: find, out: cli.Stdout}
	for _, a := range args[1:] {
		switch a {
		case "-h", "--help", "help":
			cli.Stdout.S(usage)
			return 0
		case "--json":
			r.json = true
		default:
			cli.Fail(2, verb, `"`, a, `" is no option`)
			cli.Stderr.S(usage)
			return 2
		}
	}
	if !sandbox.Inside() {
		var f [3]string
		for i, rest := 0, tests[1:]; i < 3; i++ {
			if rest = cut(rest, f[:]); try(f[0]) == nil {
				continue
			}
			why := "this kernel is without CONFIG_" + f[1]
			if unix.Access("/proc/self", unix.F_OK) != nil {
				why, i = "/proc is not mounted", 3
			}
			r.result("a sandbox", "", "", false, why)
		}
		if r.bad > 0 {
			return r.end()
		}
		before := loaded()
		code := sandbox.Run(verb, append([]string{"rawns"}, args...), false)
		unload(before)
		return code
	}
	if code := sandbox.Furnish(verb); code != 0 {
		return code
	}
	for rest := tests[1:]; rest != ""; {
		var f [4]string
		if rest = cut(rest, f[:]); f[3] != "" {
			r.command(f[0], f[1], f[2], f[3])
			continue
		}
		r.native(f[0], f[1], f[2])
		if f[0] == "clock" && r.no+r.bad > 0 {
			r.result("the rest", "", "", false, "without a clock no program in Go can wait")
			return r.end()
		}
	}
	r.line("ip link add w0 type veth peer name x0")
	for rest := kinds[1:]; rest != ""; {
		var f [3]string
		rest = cut(rest, f[:])
		config, module := rtnl.KindOrigin(f[0])
		r.command("link type "+f[0], config, module, "ip link add t0 "+f[1]+" type "+f[0]+" "+f[2])
		r.line("ip link del t0")
	}
	return r.end()
}

// cut cuts the first line of a text into fields, and returns the rest.
func cut(text string, fields []string) (rest string) {
	line, rest, _ := strings.Cut(text, "\n")
	for i := range fields {
		fields[i], line, _ = strings.Cut(line, "|")
	}
	return rest
}

// run is a selftest at work.
type run struct {
	find        func(name string) cli.Applet
	out         *cli.Out
	json        bool
	ok, no, bad uint64
}

// result prints what came of a test: it is missing, or it failed for a reason.
func (r *run) result(name, config, module string, missing bool, why string) {
	what, long := "ok", "ok"
	switch {
	case missing && config != "":
		what, long, why = "no", "missing", ""
		if r.no++; strings.IndexByte(config, ' ') < 0 {
			config = "CONFIG_" + config
		}
	case missing || why != "":
		what, long, config, module = "FAIL", "failed", "", ""
		if r.bad++; why == "" {
			why = "it is missing, and no kernel is without it"
		}
	default:
		config, module = "", ""
		r.ok++
	}
	o := r.out
	if r.json {
		begin := ",\n {"
		if r.ok+r.no+r.bad == 1 {
			begin = "[{"
		}
		o.S(begin)
		for _, m := range [...][2]string{{"name", name}, {"result", long}, {"config", config}, {"module", module}, {"why", why}} {
			if m[1] != "" {
				if m[0] != "name" {
					o.C(',')
				}
				o.S(`"`, m[0], `":`)
				o.B = topo.AppendJSON(o.B, m[1])
			}
		}
		o.C('}')
		return
	}
	switch o.S(what, " ", name); what {
	case "no":
		if o.S(": ", config); module != "" {
			o.S(", module ", module)
		}
	case "FAIL":
		o.S(": ").Safe(why)
	}
	o.NL().Flush()
}

func (r *run) end() int {
	if o := r.out; r.json {
		o.S("]\n")
	} else {
		o.S("selftest: ").U(r.ok).S(" ok, ").U(r.no).S(" missing, ").U(r.bad).S(" failed\n")
	}
	if r.bad > 0 {
		return 1
	}
	return 0
}

// line runs a command line of rawns in this process, and returns its exit code and
// what it has to say.
func (r *run) line(text string) (code int, said string) {
	w := strings.Fields(text)
	out, errs := cli.Stdout, cli.Stderr
	cli.Stdout, cli.Stderr = cli.NewBuffer(), cli.NewBuffer()
	code = r.find(w[0])(w)
	said = string(cli.Stderr.B) + string(cli.Stdout.B)
	cli.Stdout, cli.Stderr = out, errs
	return code, said
}

// absent are the words of a kernel that does not have what it is asked for.
var absent = [...]string{"Unknown device type", "not supported", "not implemented", "No such device", "No such file", "not enabled", "not compiled", "IPv6 is disabled", "Requested ", "unable to initialize cryptographic"}

// command is a test that is a command.
func (r *run) command(name, config, module, text string) {
	code, said := r.line(text)
	why, missing := "", false
	if code != 0 {
		for _, a := range absent {
			missing = missing || config != "" && strings.Contains(said, a)
		}
		why = strings.ReplaceAll(strings.TrimSpace(said), "\n", "; ")
		if why == "" {
			why = "no word"
		}
		why = text + ": " + strings.TrimPrefix(why, "Error: ")
	}
	r.result(name, config, module, missing, why)
}
