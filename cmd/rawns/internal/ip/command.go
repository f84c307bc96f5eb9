package ip

import (
	"slices"
	"strings"

	"rawns/cmd/rawns/internal/cli"
)

// A parser turns the words behind a command's name into a plan.
type parser func(a *args) (*plan, error)

// A commands table is all that the parser, the usage text, "rawns help" and
// completion know of one object: its commands, in iproute2's order, which
// decides what an abbreviation means.
//
// Functions that a table names cannot name the table (Go forbids the cycle):
// a parser that ends in the usage text says a.usage(), which is that of the
// table that it was called from.
type commands struct {
	name string // "ip link"
	rows []command
	none parser // without a word
	// where is what the usage text says below the commands: definitions that
	// are not made of tables.
	where func(o *cli.Out)
	code  int                                   // exit code of the usage text, if not exitUsage
	wrong func(a *args, word string)            // for a word that is no command; nil is iproute2's usual sentence
	first func(a *args) error                   // before anything else; may be nil
	last  func(a *args, p *plan) (*plan, error) // behind the command's parser; may be nil
}

// A command is a row of such a table.
type command struct {
	name  string
	exact bool     // no abbreviation is taken
	usage string   // what follows the name in the usage text; rows with the same usage and parser share a line
	quiet bool     // not in the usage text: a second name, or an old one
	about helpText // what it does, for "rawns help"
	opts  []*table
	parse parser
	// What a parser that serves several rows finds in a.cmd: the message's type
	// and its flags.
	typ, flags uint16
}

// parse reads what follows the object's name.
func (c *commands) parse(a *args) (*plan, error) {
	a.obj = c
	if c.first != nil {
		if err := c.first(a); err != nil {
			return nil, err
		}
	}
	if !a.more() {
		if c.none == nil {
			return nil, a.usage()
		}
		return c.end(a, c.none)
	}
	w := a.next()
	if r := c.find(w); r != nil {
		a.cmd = r
		return c.end(a, r.parse)
	}
	switch {
	case matches(w, "help"):
		return nil, a.usage()
	case c.wrong != nil:
		c.wrong(a, w)
	default:
		a.failf(exitUsage, `Command "`, w, `" is unknown, try "`+c.name+` help".`)
	}
	return nil, a.err
}

func (c *commands) end(a *args, parse parser) (*plan, error) {
	p, err := parse(a)
	if err == nil && c.last != nil {
		p, err = c.last(a, p)
	}
	return p, err
}

// find returns the first row that word is, or is an allowed abbreviation of.
// "help" is a row only where its place matters.
func (c *commands) find(word string) *command {
	for i := range c.rows {
		r := &c.rows[i]
		if word == r.name || !r.exact && matches(word, r.name) {
			return r
		}
	}
	return nil
}

// parseHelp is the parser of a row "help".
func parseHelp(a *args) (*plan, error) { return nil, a.usage() }

// usage is the failure that prints how the object is called whose command is
// being read.
//
//go:noinline
func (a *args) usage() *failure {
	code := a.obj.code
	if code == 0 {
		code = exitUsage
	}
	return &failure{code: code, help: a.obj}
}

// usage is the text: a line for each command, then the keywords of each table,
// then what else there is to say.
func (c *commands) usage() string {
	o := &cli.Out{}
	c.appendCommands(o)
	for _, t := range c.tables() {
		o.S("\n", t.title(), " :=")
		t.appendUsage(o, "\n        ")
	}
	if c.where != nil {
		c.where(o)
	}
	return string(o.B)
}

// appendCommands appends a line for each command; those that are called alike
// share one.
func (c *commands) appendCommands(o *cli.Out) {
	before := "Usage: "
	for i := 0; i < len(c.rows); {
		r := &c.rows[i]
		names := []string{r.name}
		for i++; i < len(c.rows) && !r.quiet && (c.rows[i].quiet || c.rows[i].usage == r.usage && r.usage != ""); i++ {
			if !c.rows[i].quiet {
				names = append(names, c.rows[i].name)
			}
		}
		if r.quiet || r.name == "help" {
			continue
		}
		o.S(before, c.name, " ")
		if len(names) > 1 {
			o.S("{ ", strings.Join(names, " | "), " }")
		} else {
			o.S(names[0])
		}
		if r.usage != "" {
			o.C(' ').S(r.usage)
		}
		o.NL()
		before = "       "
	}
	o.S(before, c.name, " help")
}

// tables returns the tables of all commands, once each.
func (c *commands) tables() (ts []*table) {
	for i := range c.rows {
		for _, t := range c.rows[i].opts {
			if !slices.Contains(ts, t) {
				ts = append(ts, t)
			}
		}
	}
	return ts
}

// title is what usage texts call the table's rows.
func (t *table) title() string {
	if t.called != "" {
		return t.called
	}
	return "OPTIONS"
}
