package nettools

import (
	"testing"

	"rawns/ns/nstest"
)

// Names are looked up in a sandbox, where no name server answers.
func TestMain(m *testing.M) { nstest.Main(m) }
