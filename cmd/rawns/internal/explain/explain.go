// Package explain is the applet explain: it says what every byte of a netlink
// message is, of the messages that a command would send, or that somebody has
// captured.
package explain

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"rawns/cmd/rawns/internal/cli"
	"rawns/nl"
	"rawns/nl/explain"
	"rawns/ns/file"
)

// explained are the applets whose messages can be had without a kernel.
var explained = [...]string{"ip", "bridge", "brctl", "ifconfig", "route", "arp"}

// Commands returns the names of the applets whose messages can be explained.
func Commands() []string { return explained[:] }

// tool is one run of the applet.
type tool struct {
	out   *cli.Out
	json  bool
	brief bool
	all   bool
	color bool
	order explain.Order
	proto int

	lines bool     // JSON has an object a line, and no array around
	first bool     // nothing was written yet
	notes []string // that belong before the next message
}

func newTool() *tool {
	return &tool{out: cli.Stdout, color: cli.IsTerminal(1) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", first: true}
}

// Run is the applet explain. find returns another applet, or nil.
func Run(args []string, find func(name string) cli.Applet) int {
	t := newTool()
	args = args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		word, value, has := strings.Cut(args[0], "=")
		args = args[1:]
		switch word {
		case "-h", "--help":
			t.out.S(usage)
			return 0
		case "--json":
			t.json = true
			continue
		case "--brief":
			t.brief = true
			continue
		case "--all":
			t.all = true
			continue
		case "--color":
			t.color = true
			continue
		case "--no-color":
			t.color = false
			continue
		case "--big-endian":
			t.order = explain.Big
			continue
		case "--little-endian":
			t.order = explain.Little
			continue
		}
		if !has {
			if len(args) == 0 {
				return t.wrong("a value is missing behind ", word)
			}
			value, args = args[0], args[1:]
		}
		switch word {
		case "--protocol":
			p, ok := protocol(value)
			if !ok {
				return t.wrong(value, " is no netlink protocol: a number, or route, xfrm, generic, ...")
			}
			t.proto = p
		case "--hex":
			return t.hex(strings.Join(append([]string{value}, args...), " "))
		case "--file":
			if len(args) > 0 {
				return t.wrong("too many words behind --file FILE: ", args[0])
			}
			return t.file(value)
		default:
			return t.wrong("no option is called ", word)
		}
	}
	if len(args) > 0 && args[0] == "rawns" {
		args = args[1:]
	}
	if len(args) == 0 {
		cli.Stdout.Flush()
		cli.Stderr.S(usage)
		return 2
	}
	return t.command(args, find)
}

const usage = `Usage: rawns explain [ OPTIONS ] COMMAND...       what it would send; nothing is sent
       rawns explain [ OPTIONS ] --hex 'BYTES'    messages as hexadecimal digits
       rawns explain [ OPTIONS ] --file FILE      messages in a capture: pcap, pcapng; "-" is stdin
COMMAND is one of ip, bridge, brctl, ifconfig, route, arp, with its arguments; of
ip -batch and bridge -batch each line. "rawns plan --hex" does the same for a topology.
OPTIONS:
  --all              also the look-ups that precede a request, in full
  --brief            fields and values alone
  --json             [ { message, title, kernel, replies, notes, bytes, spans: [ { offset,
                     length, depth, name, kind, value, why } ] } ]
  --color, --no-color    whatever stdout is, and whether NO_COLOR is set
  --big-endian, --little-endian    the byte order of --hex, if it is not this machine's
  --protocol NAME    of --hex, if it is not route
`

func (t *tool) wrong(what ...string) int {
	return cli.Fail(2, "rawns explain", append(what, `; see "rawns explain --help"`)...)
}

// protocol reads a number, or a name without its NETLINK_.
func protocol(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || n > 255 {
			n = -1
			break
		}
		n = n*10 + int(s[i]-'0')
	}
	if n >= 0 && n < 256 && s != "" {
		return n, true
	}
	want := "NETLINK_" + strings.TrimPrefix(strings.ReplaceAll(strings.ToUpper(s), "-", "_"), "NETLINK_")
	for p := range 64 {
		if explain.Protocol(p) == want {
			return p, true
		}
	}
	return 0, false
}

// command explains what a command would send.
func (t *tool) command(args []string, find func(name string) cli.Applet) int {
	name := args[0][strings.LastIndexByte(args[0], '/')+1:]
	var run cli.Applet
	for _, n := range explained {
		if n == name {
			run = find(name)
		}
	}
	if run == nil {
		return t.wrong("the messages of ", args[0], " cannot be had without a kernel")
	}
	k := &pretence{names: map[int32]string{}, note: t.note}
	k.expect(args)
	told, listed := false, false
	var only []byte // a look-up that was not shown: the command may be no more
	k.tell = func(m nl.Message, protocol int, lookUp string) {
		told = true
		listed = m.Flags()&unix.NLM_F_DUMP == unix.NLM_F_DUMP
		if only = nil; lookUp != "" && !t.all && !t.json && t.first {
			only = append(only, m...)
		}
		o := explain.Options{Protocol: protocol, IfName: k.ifName}
		if lookUp != "" && !t.all && !t.json {
			t.note(explain.TypeName(protocol, m.Type()), " of ", strconv.Itoa(len(m)), " bytes looks up ", lookUp, "; --all shows it")
			return
		}
		t.message(m, o)
	}
	// What the command itself would print is of no interest, unless it comes to
	// nothing.
	stdout, stderr := cli.Stdout, cli.Stderr
	cli.Stdout, cli.Stderr = cli.NewBuffer(), cli.NewBuffer()
	batch := false
	line := func(number int, tool string, words []string) {
		batch = true
		k.expect(words)
		t.note("line ", strconv.Itoa(number), ": ", tool, " ", cli.Safe(strings.Join(words, " ")))
	}
	cli.Dry = &cli.DryRun{Conn: k.conn, Note: t.note, Line: line}
	code := run(args)
	said := cli.Stderr.B
	if len(said) == 0 {
		said = cli.Stdout.B
	}
	cli.Dry, cli.Stdout, cli.Stderr = nil, stdout, stderr
	if listed && slices.Contains(args, "flush") && code == 0 {
		t.note("the list is empty here; for each thing in it a request to remove it would follow")
	}
	failed := code != 0
	switch {
	case failed && !told && len(t.notes) == 0:
		stderr.Raw(string(said)).Flush()
		return code
	case code != 0 && batch: // some line makes no sense
	case code != 0:
		line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
		t.note("then the command ends, as far as these answers, which are made up, lead it: ", line)
		code = 0
	}
	if len(only) > 0 && !failed && t.first {
		t.message(only, explain.Options{IfName: k.ifName})
	}
	if t.json {
		t.endJSON()
	} else {
		t.flushNotes()
		if t.first {
			t.out.S("nothing is sent\n")
		}
	}
	if code != 0 {
		t.out.Flush()
		stderr.Raw(string(said)).Flush()
	}
	return code
}

// note keeps a remark until the message is written that it belongs to.
func (t *tool) note(words ...string) { t.notes = append(t.notes, strings.Join(words, "")) }

func (t *tool) flushNotes() {
	if t.json {
		return
	}
	if len(t.notes) > 0 {
		t.begin()
	}
	for _, n := range t.notes {
		t.out.S("* ", n).NL()
	}
	t.notes = t.notes[:0]
}

// begin puts an empty line between messages.
func (t *tool) begin() {
	if !t.first && !t.json {
		t.out.NL()
	}
	t.first = false
}

// message writes one or more messages, one behind the other.
func (t *tool) message(p []byte, o explain.Options) {
	o.Why = !t.brief
	if t.json {
		t.messageJSON(p, o)
		return
	}
	t.flushNotes()
	t.begin()
	t.out.B = explain.AppendText(t.out.B, p, explain.TextOptions{Options: o, Color: t.color, Brief: t.brief})
	t.spill()
}

// spill keeps what is held back small.
func (t *tool) spill() {
	if len(t.out.B) > 1<<16 {
		t.out.Flush()
	}
}

// messageJSON writes the messages of p, each as an object.
func (t *tool) messageJSON(p []byte, o explain.Options) {
	for len(p) > 0 {
		one := p[:explain.Size(p, o)]
		p = p[len(one):]
		switch {
		case t.lines:
		case t.first:
			t.out.S("[")
		default:
			t.out.S(",\n")
		}
		t.first = false
		a := explain.Describe(one, o)
		t.word(`{"message":`, a.Type)
		t.word(`,"title":`, a.Title)
		t.list(`,"kernel":`, a.Kernel)
		t.list(`,"replies":`, a.Replies)
		t.list(`,"notes":`, t.notes)
		t.notes = t.notes[:0]
		t.out.S(`,"bytes":"`)
		for _, c := range one {
			t.out.X(uint64(c), 2)
		}
		t.out.S(`","spans":`)
		t.out.B = explain.AppendJSON(t.out.B, one, o)
		t.out.S("}")
		if t.lines {
			t.out.NL()
		}
	}
}

func (t *tool) word(key, v string) { t.out.B = explain.AppendJSONString(t.out.S(key).B, v) }

func (t *tool) list(key string, words []string) {
	t.out.S(key)
	sep := "["
	for _, w := range words {
		t.word(sep, w)
		sep = ","
	}
	if sep == "[" {
		t.out.S(sep)
	}
	t.out.S("]")
}

// endJSON ends the array; what was noted behind the last message is an object
// of its own.
func (t *tool) endJSON() {
	if len(t.notes) > 0 {
		if t.first {
			t.out.S("[")
		} else {
			t.out.S(",\n")
		}
		t.first = false
		t.list(`{"notes":`, t.notes)
		t.out.S("}")
	}
	if t.first {
		t.out.S("[")
	}
	t.out.S("]\n")
}

// hex explains digits: with or without blanks between them, "0x" or "\x"
// before.
func (t *tool) hex(s string) int {
	p, bad := unhex(s)
	if bad != "" {
		return t.wrong(bad, " is not hexadecimal")
	}
	t.message(p, explain.Options{Protocol: t.proto, Order: t.order})
	if t.json {
		t.endJSON()
	}
	return 0
}

// unhex returns the bytes, or the word that has none.
func unhex(s string) (p []byte, bad string) {
	half := -1
	for i := 0; i < len(s); i++ {
		c := s[i]
		v := nl.Unhex(c)
		switch {
		case v >= 0:
		case c == ' ' || c == '\n' || c == '\t' || c == ':' || c == ',' || c == '"' || c == '\'':
			if half < 0 {
				continue
			}
		case c == '\\' && i+1 < len(s) && s[i+1] == 'x' && half < 0:
			i++
			continue
		}
		switch {
		case v < 0:
			return nil, s[i:min(i+8, len(s))]
		case half < 0 && c == '0' && i+1 < len(s) && s[i+1] == 'x':
			i++
		case half < 0:
			half = v
		default:
			p = append(p, byte(half<<4|v))
			half = -1
		}
	}
	if half >= 0 {
		return nil, "an odd number of digits"
	}
	return p, ""
}

// file explains a capture.
func (t *tool) file(name string) int {
	var text []byte
	var err error
	if name == "-" {
		text, err = readAll(os.Stdin)
	} else {
		text, err = file.Read(name)
	}
	if err != nil {
		return cli.Fail(1, "rawns explain", name, ": ", cli.Strerror(cli.Errno(err)))
	}
	var seen explain.Requests
	number := 0
	err = explain.ReadCapture(text, func(k *explain.Packet) bool {
		number++
		t.packet(number, k, &seen)
		return true
	})
	if t.json {
		t.endJSON()
	} else {
		t.flushNotes()
	}
	if err != nil {
		return cli.Fail(1, "rawns explain", name, ": ", err.Error())
	}
	return 0
}

// packet explains one record of a capture.
func (t *tool) packet(number int, k *explain.Packet, seen *explain.Requests) {
	what := []string{"packet ", strconv.Itoa(number), ", ", timeOf(k.Time)}
	switch name := explain.Protocol(k.Protocol); {
	case k.LinkType != explain.LinkTypeNetlink:
		what = append(what, ": ", strconv.Itoa(len(k.Data)), " bytes that are not netlink")
	case k.Protocol == unix.NETLINK_ROUTE:
	case name != "":
		what = append(what, ", ", name)
	default:
		what = append(what, ", protocol ", strconv.Itoa(k.Protocol))
	}
	if k.Cut > 0 {
		what = append(what, ", ", strconv.Itoa(k.Cut), " bytes were not captured")
	}
	t.note(what...)
	if k.LinkType != explain.LinkTypeNetlink {
		return
	}
	o := explain.Options{Protocol: k.Protocol, Order: k.Order}
	seen.Note(k.Data, o)
	for p := k.Data; len(p) > 0; {
		one := p[:explain.Size(p, o)]
		p = p[len(one):]
		o.Request = seen.Of(one, o)
		t.message(one, o)
	}
}

// timeOf writes nanoseconds since 1970 as seconds.
func timeOf(ns int64) string {
	s := strconv.FormatInt(ns%1e9+1e9, 10)
	return strconv.FormatInt(ns/1e9, 10) + "." + s[1:7] + " s"
}

// readAll reads a file to its end.
func readAll(f *os.File) ([]byte, error) {
	p := make([]byte, 0, 64<<10)
	for {
		if len(p) == cap(p) {
			p = append(p, 0)[:len(p)]
		}
		n, err := unix.Read(int(f.Fd()), p[len(p):cap(p)])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return nil, err
		case n == 0:
			return p, nil
		default:
			p = p[:len(p)+n]
		}
	}
}
