package nettools

import "rawns/cmd/rawns/internal/cli"

// A Family is one of net-tools' address families.
type Family struct {
	Name, Title string
	Routes      bool // the original's route knows its tables
}

// Families are those of the helps and "unspec", which is in none.
var Families = [...]Family{
	{"unix", "UNIX Domain", false}, {"inet", "DARPA Internet", true}, {"inet6", "IPv6", true},
	{"ax25", "AMPR AX.25", true}, {"netrom", "AMPR NET/ROM", true}, {"rose", "AMPR ROSE", true},
	{"ipx", "Novell IPX", true}, {"ddp", "Appletalk DDP", true}, {"ec", "Econet", false},
	{"ash", "Ash", false}, {"x25", "CCITT X.25", true}, {"unspec", "", false},
}

// FamilyByName returns nil for an unknown one.
func FamilyByName(name string) *Family {
	for i := range Families {
		if Families[i].Name == name {
			return &Families[i]
		}
	}
	return nil
}

// ListFamilies prints them for a help: all, or those with routes.
func ListFamilies(o *cli.Out, routes bool) {
	n := 0
	for i := range Families {
		if f := &Families[i]; f.Title != "" && (f.Routes || !routes) {
			listItem(o, n, f.Name, f.Title)
			n++
		}
	}
	o.NL()
}

// listItem prints "name (title) ", three to a line.
func listItem(o *cli.Out, i int, name, title string) {
	if i%3 == 0 {
		if i > 0 {
			o.NL()
		}
		o.S("    ")
	}
	o.S(name, " (", title, ") ")
}
