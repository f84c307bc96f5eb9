//go:build !tiny

package ip

import (
	"slices"
	"strings"
	"testing"

	"rawns/cmd/rawns/internal/difftest"
	"rawns/ns/nstest"
)

// everyTable calls f with each table of commands.
func everyTable(f func(t *tool, o *object)) {
	for _, t := range tools {
		for i := range t.objects {
			if o := &t.objects[i]; o.cmds != nil {
				f(t, o)
			}
		}
	}
}

// What a table holds is in its usage text, and can be found.
func TestTablesOfCommands(t *testing.T) {
	everyTable(func(tool *tool, o *object) {
		if o.brief == "" {
			t.Errorf("%s %s: nothing says what it is", tool.name, o.name)
		}
		text := o.cmds.usage()
		if !strings.HasPrefix(text, "Usage: "+o.cmds.name+" ") && !strings.HasPrefix(text, "Usage: "+o.cmds.name+"\n") {
			t.Errorf("%s %s: %q", tool.name, o.name, text)
		}
		words := strings.FieldsFunc(text, func(r rune) bool { return !isWord(r) })
		has := func(where, w string) {
			if !slices.Contains(words, w) {
				t.Errorf("%s %s: %q of %s is not in the usage text", tool.name, o.name, w, where)
			}
		}
		for i := range o.cmds.rows {
			r := &o.cmds.rows[i]
			if !r.quiet {
				has("the commands", r.name)
			}
			if got := o.cmds.find(r.name); got.name != r.name && !strings.HasPrefix(got.name, r.name) {
				t.Errorf("%s %s: %s is hidden by %s", tool.name, o.name, r.name, got.name)
			}
			for _, table := range r.opts {
				for j := range table.rows {
					has(table.name, table.rows[j].name)
					if k := table.find(table.rows[j].name); k != j && table.rows[k].name == table.rows[j].name {
						t.Errorf("%s %s: %s stands twice in the table %s", tool.name, o.name, table.rows[j].name, table.name)
					}
				}
			}
		}
	})
}

func isWord(r rune) bool {
	return r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// The usage text comes on the same stream and with the same exit code, and an
// unknown command is told the same, for each object.
func TestHelpLikeStock(t *testing.T) {
	for _, tool := range tools {
		var cases []difftest.Case
		for i := range tool.objects {
			o := &tool.objects[i]
			if o.cmds == nil || o.name == "nomaster" {
				continue
			}
			cases = append(cases, lines(tool.name+" "+o.name+" help", tool.name+" "+o.name+" no-such-command")...)
		}
		t.Run(tool.name, func(t *testing.T) {
			s := difftest.Suite{Name: tool.name, State: "true"}
			s.Run(t, cases)
		})
	}
	nstest.Sandbox(t)
}
