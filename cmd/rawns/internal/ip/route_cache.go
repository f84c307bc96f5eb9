//go:build !tiny

package ip

import (
	"os"

	"rawns/cmd/rawns/internal/cli"
)

// flushPath empties the cache of IPv4 routes that were looked up, in the
// network namespace of the thread that opens it.
const flushPath = "/proc/sys/net/ipv4/route/flush"

func flushRouteCache(r *runner) error {
	if cli.Dry != nil {
		cli.Dry.Note("no netlink: -1 is written to ", flushPath)
		return nil
	}
	write := func() error {
		f, err := os.OpenFile(flushPath, os.O_WRONLY, 0)
		if err != nil {
			return failf(exitMissing, `Cannot open "`+flushPath+`": `+cli.Strerror(cli.Errno(err)))
		}
		defer f.Close()
		if _, err := f.WriteString("-1"); err != nil {
			return failf(exitMissing, "Cannot flush routing cache: "+cli.Strerror(cli.Errno(err)))
		}
		return nil
	}
	return r.within(write)
}
