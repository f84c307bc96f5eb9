package cli

import (
	"os"
	_ "os/signal" // at each start a little of it runs: here, its code lies beside that of other packages of which that is so
	"runtime"

	"golang.org/x/sys/unix"
)

// AllCPUs lets goroutines run on all CPUs that the process may use, or on as many as
// GOMAXPROCS in the environment says. The shipped program begins with one (cmd/slim):
// a short command has nothing to run on a second, and Go makes threads for each.
func AllCPUs() {
	var set unix.CPUSet
	if runtime.GOMAXPROCS(0) > 1 || os.Getenv("GOMAXPROCS") != "" || unix.SchedGetaffinity(0, &set) != nil {
		return
	}
	if n := set.Count(); n > 1 {
		runtime.GOMAXPROCS(n)
	}
}
