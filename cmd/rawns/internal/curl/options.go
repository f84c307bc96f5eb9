package curl

import (
	"strconv"
	"strings"
	"time"

	"rawns/cmd/rawns/internal/cli"
	"rawns/httpraw"
)

// An output is where one URL's answer goes: -o's file, -O's, or the zero one,
// standard output.
type output struct {
	name   string
	remote bool
}

type options struct {
	silent, showError, noMeter, noBuffer, include, head, verbose, fail, failBody, http09, follow bool

	maxTime, connectTimeout time.Duration

	agent   string
	headers []string
	method  string // -X
	data    []byte // -d; nil: none
	referer string
	cookie  string
	user    string // name:password
	format  string // -w

	maxRedirs  int // below 0: any number
	resolve    []resolve
	badResolve string

	client     httpraw.Client
	connection int // the last one's number, from 0 on

	outs []output
	urls []string
}

// opts is in the order of -h.
var opts = [...]struct {
	short byte // 0: none
	long  string
	arg   string // "": takes none
	help  string
	set   func(o *options, arg string) string // returns what is wrong with arg
}{
	{'A', "user-agent", "<name>", "Send User-Agent <name> to server", func(o *options, s string) string { o.agent = s; return "" }},
	{'b', "cookie", "<name=value>", "Send cookies from string", (*options).setCookie},
	{0, "connect-timeout", "<seconds>", "Maximum time allowed for connection", func(o *options, s string) string { return seconds(&o.connectTimeout, s) }},
	{'d', "data", "<data>", "HTTP POST data", func(o *options, s string) string { return o.addData(s, true, true) }},
	{0, "data-ascii", "<data>", "HTTP POST ASCII data", func(o *options, s string) string { return o.addData(s, true, true) }},
	{0, "data-binary", "<data>", "HTTP POST binary data", func(o *options, s string) string { return o.addData(s, true, false) }},
	{0, "data-raw", "<data>", "HTTP POST data, '@' allowed", func(o *options, s string) string { return o.addData(s, false, false) }},
	{'f', "fail", "", "Fail fast with no output on HTTP errors", func(o *options, _ string) string { return oneOf(&o.fail, o.failBody) }},
	{0, "fail-with-body", "", "Fail on HTTP errors but save the body", func(o *options, _ string) string { return oneOf(&o.failBody, o.fail) }},
	{'H', "header", "<header>", "Pass custom header to server", func(o *options, s string) string { o.headers = append(o.headers, s); return "" }},
	{'h', "help", "", "Get help for commands", nil},
	{0, "http0.9", "", "Allow HTTP 0.9 responses", func(o *options, _ string) string { o.http09 = true; return "" }},
	{'i', "include", "", "Include protocol response headers in the output", func(o *options, _ string) string { o.include = true; return "" }},
	{'I', "head", "", "Show document info only", func(o *options, _ string) string { o.head, o.include = true, true; return "" }},
	{'L', "location", "", "Follow redirects", func(o *options, _ string) string { o.follow = true; return "" }},
	{0, "max-redirs", "<num>", "Maximum number of redirects allowed", (*options).setMaxRedirs},
	{'m', "max-time", "<seconds>", "Maximum time allowed for transfer", func(o *options, s string) string { return seconds(&o.maxTime, s) }},
	{'N', "no-buffer", "", "Disable buffering of the output stream", func(o *options, _ string) string { o.noBuffer = true; return "" }},
	{0, "no-progress-meter", "", "Do not show the progress meter", func(o *options, _ string) string { o.noMeter = true; return "" }},
	{'o', "output", "<file>", "Write to file instead of stdout", func(o *options, s string) string { o.outs = append(o.outs, output{name: s}); return "" }},
	{'O', "remote-name", "", "Write output to a file named as the remote file", func(o *options, _ string) string { o.outs = append(o.outs, output{remote: true}); return "" }},
	{'e', "referer", "<URL>", "Referrer URL", func(o *options, s string) string { o.referer = s; return "" }},
	{'X', "request", "<method>", "Specify request method to use", func(o *options, s string) string { o.method = s; return "" }},
	{0, "resolve", "<[+]host:port:addr[,addr]...>", "Resolve the host+port to this address", (*options).addResolve},
	{'S', "show-error", "", "Show error even when -s is used", func(o *options, _ string) string { o.showError = true; return "" }},
	{'s', "silent", "", "Silent mode", func(o *options, _ string) string { o.silent = true; return "" }},
	{0, "unix-socket", "<path>", "Connect through this Unix domain socket", func(o *options, s string) string { o.client.Unix = s; return "" }},
	{0, "url", "<url>", "URL to work with", func(o *options, s string) string { o.urls = append(o.urls, s); return "" }},
	{'u', "user", "<user:password>", "Server user and password", func(o *options, s string) string { o.user = s; return "" }},
	{'v', "verbose", "", "Make the operation more talkative", func(o *options, _ string) string { o.verbose = true; return "" }},
	{'V', "version", "", "Show version number and quit", nil},
	{'w', "write-out", "<format>", "Use output FORMAT after completion", (*options).setFormat},
}

// parse reads the command line, and returns an exit code if that was all.
// Options and URLs may be mixed, short options combined (-sSo FILE, -oFILE),
// and long ones shortened as long as they stay unambiguous.
func parse(args []string) (*options, int) {
	o := &options{agent: userAgent, maxRedirs: 50, connection: -1}
	o.client.KeepAlive = true
	o.client.Resolve = o.lookup
	rest := args[1:]
	for len(rest) > 0 {
		a := rest[0]
		rest = rest[1:]
		switch {
		case a == "--":
			o.urls = append(o.urls, rest...)
			rest = nil
			continue
		case a == "" || a[0] != '-':
			o.urls = append(o.urls, a)
			continue
		}
		letters := a[1:] // of combined short options, what is left
		for again := true; again; again = letters != "" {
			var i int
			if strings.HasPrefix(a, "--") {
				i, letters = findLong(a[2:]), ""
			} else {
				i, letters = findShort(letters)
			}
			switch {
			case i == ambiguous:
				return nil, misused("option ", a, ": is ambiguous")
			case i == unknown:
				return nil, misused("option ", a, ": is unknown")
			case opts[i].long == "help":
				help()
				return nil, 0
			case opts[i].long == "version":
				cli.Stdout.S("curl of ", userAgent, "\nProtocols: http\n")
				return nil, 0
			}
			arg := ""
			if opts[i].arg != "" {
				switch {
				case letters != "":
					arg, letters = letters, ""
				case len(rest) > 0:
					arg, rest = rest[0], rest[1:]
				default:
					return nil, misused("option ", a, ": requires parameter")
				}
			}
			if wrong := opts[i].set(o, arg); wrong != "" {
				return nil, misused("option ", a, ": ", wrong)
			}
		}
	}
	if len(o.urls) == 0 {
		return nil, misused("no URL specified!")
	}
	if o.head && o.data != nil {
		return nil, cli.Fail(exitInit, "curl", "-I (HEAD) and -d (POST) are two methods: give one of them, or -X for another")
	}
	return o, -1
}

// What findShort and findLong return instead of an index of opts.
const (
	unknown   = -1
	ambiguous = -2
)

func findShort(letters string) (i int, left string) {
	for i := range opts {
		if letters != "" && opts[i].short == letters[0] {
			return i, letters[1:]
		}
	}
	return unknown, ""
}

func findLong(name string) int {
	found := unknown
	for i := range opts {
		switch {
		case opts[i].long == name:
			return i
		case !strings.HasPrefix(opts[i].long, name):
		case found == unknown:
			found = i
		default:
			found = ambiguous
		}
	}
	return found
}

// seconds reads a decimal number, perhaps with a fraction.
func seconds(d *time.Duration, s string) string {
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || v != v || v > 1e9:
		return "expected a proper numerical parameter"
	case v < 0:
		return "expected a positive numerical parameter"
	}
	*d = time.Duration(v * float64(time.Second))
	return ""
}

// oneOf sets an option that excludes another.
func oneOf(set *bool, other bool) (wrong string) {
	if *set = true; other {
		return "is badly used here"
	}
	return ""
}

// misused reports a wrong command line in curl's words.
func misused(what ...string) int {
	cli.Fail(exitInit, "curl", what...)
	return cli.Fail(exitInit, "curl", "try 'curl --help' for more information")
}

func help() {
	o := cli.Stdout.S("Usage: curl [options...] <url>\n")
	for i := range opts {
		p := &opts[i]
		mark := len(o.B)
		if p.short != 0 {
			o.Raw(" -").C(p.short).Raw(", --")
		} else {
			o.Raw("     --")
		}
		o.Raw(p.long).Raw(" ").Raw(p.arg).PadTo(mark, 31).Raw(" ").S(p.help).NL()
	}
}
