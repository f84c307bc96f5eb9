// Page writes docs/parity.md, the list of what has been compared with the
// original tools, from what the differential tests noted:
//
//	page NOTES RAWNS > docs/parity.md
//
// NOTES is the file that package difftest writes, RAWNS the program, which is
// asked for its usage texts: a keyword in them that no compared line has is
// listed, and one of the original's usage texts that ours have not.
package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// A form is one command line that was compared.
type form struct{ line, result, reason string }

// A group is the forms of one object, or of an applet without objects.
type group struct {
	name  string
	forms []form
	words map[string]bool // all words of all lines
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: page NOTES RAWNS")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

// worst orders results: a line that was compared in several places counts as
// the worst of them.
var worst = []string{"skipped", "same", "on purpose", "differs"}

func write(notes, rawns string) error {
	groups, err := read(notes, rawns)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(os.Stdout)
	fmt.Fprint(w, "# What has been compared with the original tools\n\n",
		"Made by `make parity`. Each line was run with the original and with rawns, each in\n",
		"a namespace of its own; output, exit code and the kernel's state afterwards\n",
		"were compared. Skipped: the kernel that the page was made on has not what it needs\n",
		"(`make test-kinds` compares those on a kernel that has).\n\n",
		"| | same | on purpose | differs | skipped |\n|---|---|---|---|---|\n")
	total := map[string]int{}
	for _, g := range groups {
		n := map[string]int{}
		for _, f := range g.forms {
			n[f.result]++
			total[f.result]++
		}
		fmt.Fprintf(w, "| `%s` | %d | %d | %d | %d |\n", g.name, n["same"], n["on purpose"], n["differs"], n["skipped"])
	}
	fmt.Fprintf(w, "| all | %d | %d | %d | %d |\n", total["same"], total["on purpose"], total["differs"], total["skipped"])

	fmt.Fprint(w, "\n## Different on purpose\n\n| line | why |\n|---|---|\n")
	for _, g := range groups {
		for _, f := range g.forms {
			if f.result == "on purpose" {
				fmt.Fprintf(w, "| %s | %s |\n", cell(f.line), strings.ReplaceAll(strings.TrimPrefix(f.reason, "code: "), "|", "\\|"))
			}
		}
	}
	fmt.Fprint(w, "\n## Keywords\n\nOf the original's usage texts, those that ours do not have; and of ours, those\nthat no compared line has.\n\n| | not there | not compared |\n|---|---|---|\n")
	for _, g := range groups {
		ours := usage(rawns, g.name)
		theirs := original(g.name)
		if len(ours) == 0 {
			continue
		}
		var missing, untried []string
		for word := range theirs {
			if !ours[word] && !g.words[word] {
				missing = append(missing, word)
			}
		}
		for word := range ours {
			if !g.words[word] {
				untried = append(untried, word)
			}
		}
		slices.Sort(missing)
		slices.Sort(untried)
		fmt.Fprintf(w, "| `%s` | %s | %s |\n", g.name, strings.Join(missing, " "), strings.Join(untried, " "))
	}
	for _, result := range []string{"differs", "skipped", "same"} {
		fmt.Fprintf(w, "\n## %s\n", strings.ToUpper(result[:1])+result[1:])
		for _, g := range groups {
			if lines := folded(g.forms, result); lines != nil {
				fmt.Fprintf(w, "\n### %s\n\n", g.name)
				for _, l := range lines {
					fmt.Fprintf(w, "    %s\n", clip(l))
				}
			}
		}
	}
	return w.Flush()
}

// fold is how many lines that differ in their last word become one.
const fold = 3

// folded returns the lines of a result. Those that differ in their last word
// alone, as generated ones do, become one: "ip link set v0 mtu { 1 | x }".
func folded(forms []form, result string) (lines []string) {
	values := map[string][]string{}
	for _, f := range forms {
		if f.result == result {
			head, last := cutLast(f.line)
			values[head] = append(values[head], last)
		}
	}
	for _, f := range forms {
		if f.result != result {
			continue
		}
		head, _ := cutLast(f.line)
		switch v := values[head]; {
		case v == nil: // written already
		case len(v) < fold:
			lines = append(lines, f.line)
		default:
			lines = append(lines, head+" { "+strings.Join(v, " | ")+" }")
			values[head] = nil
		}
	}
	return lines
}

// clip shortens what no page shows well: the rest is in the tests.
func clip(line string) string {
	const most = 300
	if len(line) > most {
		return strings.ToValidUTF8(line[:most], "") + " ..."
	}
	return line
}

func cutLast(line string) (head, last string) {
	i := strings.LastIndexByte(line, ' ')
	return line[:max(i, 0)], line[i+1:]
}

func cell(s string) string {
	return "`" + strings.ReplaceAll(strings.ReplaceAll(s, "`", "'"), "|", "\\|") + "`"
}

// folder is that of a test, another one each time.
var folder = regexp.MustCompile(`/tmp/Test\w+/\d+`)

// read sorts the notes into groups.
func read(notes, rawns string) ([]*group, error) {
	f, err := os.Open(notes)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	objects := map[string][]string{}
	byName := map[string]*group{}
	seen := map[string]map[string]int{} // group, line: place in forms
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		part := strings.Split(in.Text(), "\t")
		if len(part) != 4 {
			return nil, fmt.Errorf("not a note: %q", in.Text())
		}
		applet, one := part[0], form{folder.ReplaceAllString(part[3], "DIR"), part[1], part[2]}
		if objects[applet] == nil {
			objects[applet] = objectNames(rawns, applet)
		}
		name := groupName(applet, objects[applet], one.line)
		g := byName[name]
		if g == nil {
			g = &group{name: name, words: map[string]bool{}}
			byName[name], seen[name] = g, map[string]int{}
		}
		for _, w := range strings.Fields(one.line) {
			g.words[w] = true
		}
		if i, ok := seen[name][one.line]; ok {
			if slices.Index(worst, one.result) > slices.Index(worst, g.forms[i].result) {
				g.forms[i] = one
			}
			continue
		}
		seen[name][one.line] = len(g.forms)
		g.forms = append(g.forms, one)
	}
	var groups []*group
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		slices.SortFunc(byName[name].forms, func(a, b form) int { return strings.Compare(a.line, b.line) })
		groups = append(groups, byName[name])
	}
	return groups, in.Err()
}

// aliases are objects with two names.
var aliases = map[string]string{"neighbor": "neighbour", "ntbl": "ntable", "tap": "tuntap"}

// groupName finds the object in a line: the first word behind the applet and
// its options that is one, or a beginning of one.
func groupName(applet string, objects []string, line string) string {
	if len(objects) == 0 {
		return applet
	}
	words := strings.Fields(line)
	i := slices.Index(words, applet)
	for i++; i > 0 && i < len(words); i++ {
		w := words[i]
		switch {
		case w == "-n" || w == "-netns" || w == "-f" || w == "-family" || w == "-l" || w == "-rc":
			i++
			continue
		case strings.HasPrefix(w, "-"):
			continue
		}
		for _, o := range objects {
			if strings.HasPrefix(o, w) {
				if same := aliases[o]; same != "" {
					o = same
				}
				return applet + " " + o
			}
		}
		break
	}
	return applet
}

// objectNames asks rawns for the objects of an applet, in their order.
func objectNames(rawns, applet string) (names []string) {
	out, err := exec.Command(rawns, "help", applet).Output()
	if err != nil {
		return nil
	}
	_, list, ok := strings.Cut(string(out), "OBJECT := {")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, "}")
	return strings.FieldsFunc(list, func(r rune) bool { return r == '|' || r == ' ' || r == '\n' })
}

// usage returns the keywords of our usage text, of tools that have objects.
func usage(rawns, name string) map[string]bool {
	words := strings.Fields(name)
	if len(words) != 2 || words[1] == "help" {
		return nil
	}
	out, _ := exec.Command(rawns, append(words, "help")...).CombinedOutput()
	return keywords(string(out), name)
}

// original returns those of the stock tool's, whatever its exit code.
func original(name string) map[string]bool {
	words := strings.Fields(name)
	out, _ := exec.Command("/sbin/"+words[0], append(words[1:], "help")...).CombinedOutput()
	return keywords(string(out), name)
}

var word = regexp.MustCompile(`[A-Za-z0-9_-]+`)
var keyword = regexp.MustCompile(`^[a-z][a-z0-9_-]+$`)

// keywords takes the words in lower case out of a usage text.
func keywords(text, name string) map[string]bool {
	found := map[string]bool{}
	for _, w := range word.FindAllString(text, -1) {
		if keyword.MatchString(w) {
			found[w] = true
		}
	}
	for _, w := range append(strings.Fields(name), "help", "where") {
		delete(found, w)
	}
	return found
}
