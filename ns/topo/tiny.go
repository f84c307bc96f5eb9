//go:build tiny

package topo

// readJSON refuses: -tags tiny leaves the form that JSON writes out.
func readJSON(_ *File, fs *faults) {
	fs.add(wants("a file in JSON", "text: this build was made with -tags tiny").in(Pos{1, 1}))
}
