package doctor

import (
	"testing"

	"rawns/ns/nstest"
)

func TestMain(m *testing.M) { nstest.Main(m) }
