package brctl

import "strings"

// An option is what getopt_long(3) finds first on a command line. The original
// knows only --help and --version, and either of them, as any mistake, ends
// it: whatever stands behind the first option does not matter.
type option byte

const (
	optNone    option = 0
	optHelp    option = 'h'
	optVersion option = 'V'
	optBad     option = '?'
)

var longOptions = [...]struct {
	name string
	opt  option
}{{"help", optHelp}, {"version", optVersion}}

// getopt looks for the first option among args (without the program's name),
// wherever it stands: GNU getopt moves the words before it behind it. With
// posixly (POSIXLY_CORRECT is set) options end at the first other word. It
// returns the words that are left; for optBad, complaint says why.
func getopt(args []string, posixly bool) (opt option, words []string, complaint string) {
	for i, a := range args {
		switch {
		case a == "--":
			return optNone, append(args[:i:i], args[i+1:]...), ""
		case strings.HasPrefix(a, "--"):
			opt, complaint = longOption(a[2:])
			return opt, nil, complaint
		case len(a) > 1 && a[0] == '-':
			if c := option(a[1]); c == optHelp || c == optVersion {
				return c, nil, ""
			}
			return optBad, nil, "invalid option -- '" + a[1:2] + "'"
		case posixly:
			return optNone, args, ""
		}
	}
	return optNone, args, ""
}

// longOption reads what follows the two dashes: a name, or any beginning of
// one.
func longOption(s string) (option, string) {
	name, _, value := strings.Cut(s, "=")
	if name == "" { // begins both of them
		return optBad, "option '--" + s + "' is ambiguous; possibilities: '--help' '--version'"
	}
	for _, o := range longOptions {
		if strings.HasPrefix(o.name, name) {
			if value {
				return optBad, "option '--" + o.name + "' doesn't allow an argument"
			}
			return o.opt, ""
		}
	}
	return optBad, "unrecognized option '--" + s + "'"
}
