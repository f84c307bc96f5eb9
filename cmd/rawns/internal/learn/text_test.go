package learn

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// columns is how wide a line is: a Chinese character takes two columns.
func columns(line string) (n int) {
	for _, r := range line {
		n++
		if r >= 0x2e80 && r <= 0xa4cf || r >= 0xff00 && r <= 0xff60 || r >= 0x3000 && r <= 0x303f {
			n++
		}
	}
	return n
}

// Every text is there in every language, fits a terminal, and fills the same
// blanks.
func TestTexts(t *testing.T) {
	check := func(where, s string) {
		t.Helper()
		if s == "" {
			t.Errorf("%s: no text", where)
		}
		for line := range strings.Lines(s) {
			line = strings.TrimSuffix(line, "\n")
			if n := columns(line); n > 76 {
				t.Errorf("%s: %d columns: %s", where, n, line)
			}
			if line != strings.TrimRight(line, " ") && !strings.HasSuffix(line, "} ") || strings.ContainsAny(line, "\t\r") {
				t.Errorf("%s: blanks at the end, or tabs: %q", where, line)
			}
		}
	}
	blanks := func(s string) (out []string) {
		for i := range s {
			if s[i] == '{' && i+2 < len(s) && s[i+2] == '}' {
				out = append(out, s[i:i+3])
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	chineseAt := func(s string) int {
		return strings.IndexFunc(s, func(r rune) bool { return r >= 0x3000 && r <= 0xff60 })
	}
	for _, l := range languages() {
		for m := range l.say {
			where := l.name + " message " + string(rune('0'+m/10)) + string(rune('0'+m%10))
			check(where, l.say[m])
			if a, b := blanks(l.say[m]), blanks(english.say[m]); !slices.Equal(a, b) {
				t.Errorf("%s: blanks %q, in English %q", where, a, b)
			}
			if got := chineseAt(l.say[m]) >= 0; got != (l.name == "zh") {
				t.Errorf("%s: is not in its language: %s", where, l.say[m])
			}
		}
		for i := range l.lessons {
			w := &l.lessons[i]
			where := l.name + " " + lessons[i].name
			check(where, w.title)
			check(where, w.text)
			check(where, w.task)
			check(where, w.after)
			hints, en := strings.Split(w.hints, "\n\n"), &english.lessons[i]
			for _, h := range hints {
				check(where, h)
			}
			inEnglish := strings.Split(en.hints, "\n\n")
			if len(hints) < 2 || len(hints) != len(inEnglish) {
				t.Fatalf("%s: %d hints, %d in English", where, len(hints), len(inEnglish))
			}
			// The last hint is the command, which is the same everywhere; but of the
			// one that is too long for that.
			if last := len(hints) - 1; hints[last] != inEnglish[last] && lessons[i].name != "raw" {
				t.Errorf("%s: the last hint is %q, in English %q", where, hints[last], inEnglish[last])
			}
			// What is to be typed is the same, too.
			for _, word := range []string{"10.1.1.2", "10.1.2.2", "10.2.0.2", "10.3.2.2", "vethtest01", "vethest002", "test-bridge", "8080", "1400"} {
				if strings.Contains(w.task, word) != strings.Contains(en.task, word) {
					t.Errorf("%s: the task has %q in one language only", where, word)
				}
			}
			if got := chineseAt(w.text+w.task+w.after) >= 0; got != (l.name == "zh") {
				t.Errorf("%s: is not in its language", where)
			}
		}
		for n := 1; n <= 7; n++ {
			check(l.name+" layer", l.layers[n])
		}
	}
}

func TestLocale(t *testing.T) {
	for _, c := range []struct{ all, messages, lang, want string }{
		{"", "", "", "en"},
		{"", "", "zh_CN.UTF-8", "zh"},
		{"", "zh_CN", "en_US.UTF-8", "zh"},
		{"C", "zh_CN", "zh_CN.UTF-8", "en"},
		{"", "", "de_DE.UTF-8", "en"},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", c.messages)
		t.Setenv("LANG", c.lang)
		if got := locale().name; got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Lessons are topologies, have names that are no commands, and the state of one is
// what the next begins with, as far as the article goes.
func TestLessons(t *testing.T) {
	seen := map[string]bool{}
	for i := range lessons {
		l := &lessons[i]
		if seen[l.name] || l.name == "" || isCommand(l.name) || strings.ContainsAny(l.name, " \n") {
			t.Errorf("%q is no name", l.name)
		}
		seen[l.name] = true
		start, err := spec(l.start)
		if err != nil {
			t.Errorf("%s: %v", l.name, err)
			continue
		}
		if _, err := start.Plan(nil); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
		if _, err := spec(l.goal); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
		for _, e := range l.echoes {
			for _, name := range []string{e.from, e.in} {
				if name != "" && !strings.Contains(strings.SplitN(l.goal, "\n", 2)[0]+" ", " "+name+" ") {
					t.Errorf("%s: its goal does not begin with netns %s", l.name, name)
				}
			}
		}
		if len(l.solve) == 0 || l.goal == l.start && l.page == nil || (l.layer != 0) != strings.HasPrefix(l.name, "frozen-") {
			t.Errorf("%s: %+v", l.name, l)
		}
	}
	for i := range 7 {
		goal, _ := spec(lessons[i].goal)
		next, _ := spec(lessons[i+1].start)
		if len(goal.Links) != len(next.Links) || len(goal.Namespaces) != len(next.Namespaces) {
			t.Errorf("%s does not begin where %s ends", lessons[i+1].name, lessons[i].name)
		}
	}
}

// What is filled in may be somebody's name for a link.
func TestBlanksAreSafe(t *testing.T) {
	if got := english.text(mNoSpace, "\x1b[31mred{0}"); got != `There is no namespace \x1b[31mred{0}.` {
		t.Errorf("%q", got)
	}
}

// The page for teachers names each command, and each fault with its layer.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/learn.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for i := range commandTable {
		if name := commandTable[i].name; !strings.Contains(page, "`"+name) {
			t.Errorf("%s is not on the page", name)
		}
	}
	for i := range lessons {
		if l := &lessons[i]; l.layer != 0 && !strings.Contains(page, "| "+l.name+" | "+string(rune('0'+l.layer))+" |") {
			t.Errorf("%s, layer %d, is not on the page", l.name, l.layer)
		}
	}
	// And each command is told of in the course.
	for _, l := range languages() {
		for i := range commandTable {
			name := commandTable[i].name
			if name != "layer" && name != "send" && name != "grade" && !strings.Contains(l.say[mCommands], name) {
				t.Errorf("%s: %s is not listed", l.name, name)
			}
		}
	}
}
