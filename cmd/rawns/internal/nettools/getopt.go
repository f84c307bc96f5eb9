package nettools

import "strings"

// A LongOption is an option of getopt_long(3) with two dashes, and the letter
// that it stands for.
type LongOption struct {
	Name string
	Opt  byte
}

// Getopt reads options as GNU getopt_long(3) does: wherever they stand, letters
// bundled, long ones abbreviated. letters is getopt's string: a colon behind
// the letter of an option with an argument. each is called for every option in
// turn, with '?' for one that has just been complained about. The other words
// are returned.
func Getopt(args []string, letters string, long []LongOption, each func(opt byte, arg string)) []string {
	prog := args[0][strings.LastIndexByte(args[0], '/')+1:]
	var words []string
	for i := 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return append(words, args[i+1:]...)
		case strings.HasPrefix(a, "--"):
			name, value, given := strings.Cut(a[2:], "=")
			o, trouble := findLong(long, name, a)
			switch {
			case o == nil:
			case !wantsArg(letters, o.Opt):
				if given {
					trouble = "option '--" + o.Name + "' doesn't allow an argument"
				}
			case !given:
				if i++; i < len(args) {
					value = args[i]
				} else {
					trouble = "option '--" + o.Name + "' requires an argument"
				}
			}
			if trouble != "" {
				Say(prog, ": ", trouble)
				each('?', "")
				continue
			}
			each(o.Opt, value)
		case len(a) > 1 && a[0] == '-':
			for j := 1; j < len(a); j++ {
				c := a[j]
				switch {
				case c == ':' || strings.IndexByte(letters, c) < 0:
					Say(prog, ": invalid option -- '", a[j:j+1], "'")
					each('?', "")
				case !wantsArg(letters, c):
					each(c, "")
				case j+1 < len(a):
					each(c, a[j+1:])
					j = len(a)
				case i+1 < len(args):
					i++
					each(c, args[i])
				default:
					Say(prog, ": option requires an argument -- '", a[j:j+1], "'")
					each('?', "")
				}
			}
		default:
			words = append(words, a)
		}
	}
	return words
}

func wantsArg(letters string, c byte) bool {
	i := strings.IndexByte(letters, c)
	return i >= 0 && i+1 < len(letters) && letters[i+1] == ':'
}

// findLong finds an option by its name or a beginning that only it has.
func findLong(long []LongOption, name, word string) (o *LongOption, trouble string) {
	all, differ := "", false
	for i := range long {
		l := &long[i]
		if l.Name == name {
			return l, ""
		}
		if strings.HasPrefix(l.Name, name) {
			all += " '--" + l.Name + "'"
			differ = differ || o != nil && o.Opt != l.Opt
			if o == nil {
				o = l
			}
		}
	}
	switch {
	case o == nil:
		return nil, "unrecognized option '" + word + "'"
	case differ:
		return nil, "option '" + word + "' is ambiguous; possibilities:" + all
	}
	return o, ""
}
