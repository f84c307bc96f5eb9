// Package nstest runs tests that need network namespaces, mounts and root's
// rights where they cannot touch the machine, and finds what they leave behind.
//
// A test package's TestMain hands over to [Main]:
//
//	func TestMain(m *testing.M) { nstest.Main(m) }
//
// Main starts the test binary once more in a sandbox: a user, network and mount
// namespace of its own, in which it is root, with an empty tmpfs on /run, a
// fresh /sys, nothing but lo, and mounts that do not propagate. It works as root
// and as an ordinary user who may make user namespaces. Where it cannot be
// made, tests that ask for it (by [New], [Sandbox], and whatever takes a
// testing.TB and runs something) are skipped, except that with CI=true in the
// environment, and for root, the run fails: a sandbox that is missing must not
// look like success, and root without one could harm the host.
//
// A test binary that is also a helper program (started by its own tests, told
// by an environment variable) looks for that before it calls Main: helpers run
// in the sandbox where they are started and need none of their own.
//
//	func TestMain(m *testing.M) {
//		if os.Getenv("RAWNS_TEST_APPLET") != "" { // 1. helpers
//			os.Exit(run(os.Args))
//		}
//		nstest.Main(m) // 2. the sandbox, then the tests, then os.Exit
//	}
//
// After the tests Main looks for leaks, and fails the run if there are any:
//   - a thread that is in another network or mount namespace than at the start
//     (each is a trap for the goroutine that runs there next);
//   - a file descriptor, a mount, a child process or zombie that was not there;
//   - a process of any descent that still runs. It is killed.
package nstest
