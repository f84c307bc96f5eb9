package rtnl_test

import (
	"os"
	"testing"

	"rawns/ns/nstest"
)

// With RAWNS_CODEC_ONLY there is no sandbox: under qemu-user the binary cannot
// start itself. The tests that talk to the kernel, TestKernel..., are left out
// there (make test-qemu).
func TestMain(m *testing.M) {
	if os.Getenv("RAWNS_CODEC_ONLY") != "" {
		os.Exit(m.Run())
	}
	nstest.Main(m)
}
