// Package selftest is the applet selftest: what of this kernel rawns can use.
package selftest

import (
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/cmd/rawns/internal/sandbox"
	"rawns/nl/rtnl"
	"rawns/ns/file"
	"rawns/ns/topo"
)

const usage = `Usage: rawns selftest [--json]

Tries, in a sandbox that leaves nothing behind, what of this kernel rawns can use,
each kind of link too, and that rawns itself works here. Needs no root where
ordinary users may make namespaces. A line each:

  ok NAME
  no NAME: CONFIG_OPTION, module MODULE   what of the kernel would bring it
  FAIL NAME: WHY

--json prints a list of objects with name, result (ok, missing, failed), and where
they say something config, module, why.
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
		if r.namespaces(false) {
			before := loaded()
			code := sandbox.Run(verb, append([]string{"rawns"}, args...), false)
			unload(before)
			return code
		}
		return r.end()
	}
	if code := sandbox.Furnish(verb); code != 0 {
		return code
	}
	r.namespaces(true)
	for line := range strings.Lines(tests[1:]) {
		f := strings.SplitN(line[:len(line)-1], "|", 4)
		if f[3] == "" {
			r.native(f[0], f[1], f[2])
			if f[0] == "clock" && r.no+r.bad > 0 {
				r.result("the rest", "", "", false, "without a clock no program in Go can wait")
				return r.end()
			}
		} else {
			r.command(f[0], f[1], f[2], f[3])
		}
	}
	r.line("ip link add w0 type veth peer name x0")
	for line := range strings.Lines(kinds[1:]) {
		f := strings.SplitN(line[:len(line)-1], "|", 3)
		config, module := rtnl.KindOrigin(f[0])
		r.command("link type "+f[0], config, module, "ip link add t0 "+f[1]+" type "+f[0]+" "+f[2])
		r.line("ip link del t0")
	}
	return r.end()
}

// run is a selftest at work.
type run struct {
	find        func(name string) cli.Applet
	out         *cli.Out
	json        bool
	ok, no, bad uint64
}

// namespaces tells whether a sandbox is possible; outside it says only what is
// missing for that.
func (r *run) namespaces(inside bool) bool {
	all := true
	for _, n := range [...]struct{ file, name, config string }{
		{"net", "network namespaces", "NET_NS"}, {"pid", "pid namespaces", "PID_NS"}, {"mnt", "mount namespaces", "NAMESPACES"}, {"user", "user namespaces", "USER_NS"},
	} {
		_, err := file.Stat("/proc/self/ns/" + n.file)
		if inside || err != nil && n.file != "user" {
			r.result(n.name, n.config, "", err != nil, "")
		}
		all = all && (err == nil || n.file == "user")
	}
	if !all {
		r.bad++
	}
	return all
}

// result prints what came of a test: it is missing, or it failed for a reason.
func (r *run) result(name, config, module string, missing bool, why string) {
	what := "ok"
	switch {
	case missing && config != "":
		what, why = "no", ""
		if r.no++; strings.IndexByte(config, ' ') < 0 {
			config = "CONFIG_" + config
		}
	case missing || why != "":
		what = "FAIL"
		if r.bad++; why == "" {
			why = "it is missing, and no kernel is without it"
		}
	default:
		r.ok++
	}
	o := r.out
	if !r.json {
		o.S(what, " ", name)
		switch what {
		case "no":
			if o.S(": ", config); module != "" {
				o.S(", module ", module)
			}
		case "FAIL":
			o.S(": ").Safe(why)
		}
		o.NL().Flush()
		return
	}
	if r.ok+r.no+r.bad == 1 {
		o.S("[")
	} else {
		o.S(",\n ")
	}
	member := func(key, value string) {
		if value != "" {
			o.B = topo.AppendJSON(append(o.B, `,"`+key+`":`...), value)
		}
	}
	o.B = topo.AppendJSON(append(o.B, `{"name":`...), name)
	switch what {
	case "ok":
		member("result", "ok")
	case "no":
		member("result", "missing")
		member("config", config)
		member("module", module)
	default:
		member("result", "failed")
		member("why", why)
	}
	o.S("}")
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
		why, _, _ = strings.Cut(said, "\n")
		if why == "" {
			why = "no word"
		}
		why = text + ": " + strings.TrimPrefix(why, "Error: ")
	}
	r.result(name, config, module, missing, why)
}
