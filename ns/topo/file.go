package topo

import (
	"strconv"
	"strings"
)

// A File is a topology as it is written: statements, with their ranges and
// comments. [Parse] reads one, [File.Spec] works out what it describes,
// [File.Text] and [File.JSON] write it, [Spec.File] makes one. It is read-only.
type File struct {
	name  string // as errors cite it
	text  string // what Parse was given: errors cite lines of it, and words are parts of it
	lines []line
}

// Name is what Parse was told that the file is called.
func (f *File) Name() string { return f.name }

// IsJSON tells whether it was read from JSON.
func (f *File) IsJSON() bool {
	s := strings.TrimLeft(f.text, " \t\r\n")
	return s != "" && s[0] == '{'
}

// line is a statement, or a comment, or a blank line.
type line struct {
	pos     Pos
	stmt    *statement // nil: none
	args    []Word     // the positional words
	opts    []*option  // in the order of the line; all addr in one, ports' options behind master
	peer    *Word      // a veth's other end; nil for none
	peerPos Pos        // of the word "peer"
	peers   []*option  // the other end's keywords
	comment string     // with its '#'; "" for none
}

// A Word is a word of a file. In its text, {1..9} is a range, and {{ and }} are
// the braces themselves: so it stands in JSON too.
type Word struct {
	Pos  Pos
	Text string
}

// MaxFile is how large a file may be, in bytes.
const MaxFile = 64 << 20

// maxLines is how many lines it may have, comments among them, maxWords how many
// words, and maxWord how many bytes one of these: what bounds the memory that a
// hostile file can take.
const (
	maxLines = 1000000
	maxWords = 4000000
	maxWord  = 64 << 10
)

func tooLong() *fault {
	return wrong("the file has more than 1000000 lines, or 4000000 words")
}

// add adds a line: of several blank ones the first, and none at the file's
// beginning.
func (f *File) add(l line) {
	if l.stmt == nil && l.comment == "" && (len(f.lines) == 0 || f.lines[len(f.lines)-1].blank()) {
		return
	}
	f.lines = append(f.lines, l)
}

func (l *line) blank() bool { return l.stmt == nil && l.comment == "" }

// maxErrors is how many faults of one file are told at a time.
const maxErrors = 10

// A FileError is a fault in a file, at a place.
type FileError struct {
	Name     string // the file, as Parse was told
	Pos      Pos
	Line     string // the line, as it is in the file: escape it before a terminal sees it
	Msg      string // what is wrong; names in it are quoted as by strconv.Quote
	Expected string // what was expected, or ""
	Meant    string // the word that was probably meant, or ""
}

// Error is NAME:LINE:COLUMN: and what is wrong, in one line.
func (e *FileError) Error() string {
	s := e.Name + ":" + strconv.Itoa(e.Pos.Line) + ":" + strconv.Itoa(e.Pos.Column) + ": " + e.Msg
	switch {
	case e.Meant != "":
		s += "; did you mean " + quote(e.Meant) + "?"
	case e.Expected != "":
		s += "; expected " + e.Expected
	}
	return s
}

// FileErrors are faults of one file, in its order, ten at most.
type FileErrors []*FileError

// Error has a line for each.
func (es FileErrors) Error() string {
	s := ""
	for i, e := range es {
		if i > 0 {
			s += "\n"
		}
		s += e.Error()
	}
	return s
}

// Unwrap returns each of them.
func (es FileErrors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// fault is what is wrong with a word; nil for nothing.
type fault struct {
	pos                  Pos
	msg, expected, meant string
}

// That these are not inlined saves some 100 bytes at each of 150 calls.

//go:noinline
func wrong(msg string) *fault { return &fault{msg: msg} }

//go:noinline
func wants(msg, expected string) *fault { return &fault{msg: msg, expected: expected} }

// no says that a word is not what it should be.
//
//go:noinline
func no(word, what, expected string) *fault {
	return &fault{msg: quote(word) + what, expected: expected}
}

// in says where it is. There need be no fault.
//
//go:noinline
func (f *fault) in(pos Pos) *fault {
	if f != nil && f.pos.Line == 0 {
		f.pos = pos
	}
	return f
}

//go:noinline
func (f *fault) at(n *near) *fault { f.meant = n.best; return f }

//go:noinline
func quote(s string) string {
	if len(s) > 80 {
		s = s[:77] + "..."
	}
	return strconv.Quote(s)
}

// faults collects those of a file.
type faults struct {
	file *File
	list FileErrors
}

// add notes a fault, and tells whether there is room for more.
func (fs *faults) add(f *fault) bool {
	if len(fs.list) < maxErrors {
		fs.list = append(fs.list, &FileError{fs.file.name, f.pos, fs.file.line(f.pos.Line), f.msg, f.expected, f.meant})
	}
	return len(fs.list) < maxErrors
}

func (fs *faults) err() error {
	if len(fs.list) == 0 {
		return nil
	}
	return fs.list
}

// line returns a line of the text, without its end.
func (f *File) line(n int) string {
	s := f.text
	for ; n > 1; n-- {
		i := strings.IndexByte(s, '\n')
		if i < 0 {
			return ""
		}
		s = s[i+1:]
	}
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, "\r")
}

// Parse reads a file in either form: one whose first byte that is no blank is
// '{' is JSON. The name is for errors, and, less what follows its last dot, for
// the topology. The error is a FileErrors.
func Parse(name string, text []byte) (*File, error) {
	f := &File{name: name}
	fs := &faults{file: f}
	if len(text) > MaxFile {
		fs.add(wrong("the file has more than 64 MiB").in(Pos{1, 1}))
		return nil, fs.list
	}
	f.text = string(text)
	if f.IsJSON() {
		readJSON(f, fs)
	} else {
		readText(f, fs)
	}
	if n := len(f.lines); n > 0 && f.lines[n-1].blank() {
		f.lines = f.lines[:n-1]
	}
	if err := fs.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// articleText is the article's scene.
const articleText = `# The article's scene: a namespace, a bridge, a veth between them, a server.
netns blue
bridge test-bridge addr 10.1.2.2/16
veth vethtest01 master test-bridge peer blue:vethest002 addr 10.1.1.2/16
service blue:8080 http_server
`

// ArticleFile returns the article's scene as a file: what stands for a file that
// is not named.
func ArticleFile() *File {
	f, err := Parse("article", []byte(articleText))
	if err != nil {
		panic(err) // a test parses it
	}
	return f
}

// addS and addC are append, whose growth is code at each of its places.
//
//go:noinline
func addS(b []byte, s string) []byte { return append(b, s...) }

//go:noinline
func addC(b []byte, c byte) []byte { return append(b, c) }
