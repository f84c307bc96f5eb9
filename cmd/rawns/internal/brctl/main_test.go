package brctl

import (
	"os"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

// applet, in the environment, makes this test binary the applet itself.
const applet = "RAWNS_TEST_BRCTL"

func TestMain(m *testing.M) {
	if os.Getenv(applet) != "" {
		os.Args[0] = "brctl" // messages begin with it
		code := Run(os.Args)
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}
