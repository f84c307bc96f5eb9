package ifconfig

import (
	"os"
	"testing"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/nstest"
)

// asApplet makes the test binary the applet: tests start it in namespaces.
const asApplet = "RAWNS_TEST_IFCONFIG"

func TestMain(m *testing.M) {
	if os.Getenv(asApplet) != "" {
		code := Run(os.Args)
		cli.Stdout.Flush()
		cli.Stderr.Flush()
		os.Exit(code)
	}
	nstest.Main(m)
}
