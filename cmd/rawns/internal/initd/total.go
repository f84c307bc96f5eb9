package initd

import (
	"strings"

	"rawns/cmd/rawns/internal/cli"
	"rawns/ns/file"
)

// total says how it went.
func (in *initd) total() {
	text, _ := file.Read("/proc/self/status")
	_, peak, _ := strings.Cut(string(text), "VmHWM:")
	peak, _, _ = strings.Cut(peak, "\n")
	in.say(string(cli.NewBuffer().S("end: ").U(in.ok).S(" ok, ").U(in.bad).S(" failed, peak ", strings.TrimSpace(peak)).B))
}
