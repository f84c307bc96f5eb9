package nstest

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// furnish makes a sandbox of new namespaces.
func furnish() error {
	steps := []struct {
		what string
		do   func() error
	}{
		{"mount --make-rprivate /", func() error { return unix.Mount("", "/", "none", unix.MS_PRIVATE|unix.MS_REC, "") }},
		{"mount a tmpfs on /run", func() error { return unix.Mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755") }},
		{"mount /run on /var/run", varRun},
		// It covers the old one: tools that read /sys/class/net would see the host's.
		{"mount a sysfs on /sys", func() error { return unix.Mount("sysfs", "/sys", "sysfs", 0, "") }},
		{"bring lo up", func() error { return setUp("lo") }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	// An ordinary user's PATH often lacks the places of ip and ifconfig.
	path := os.Getenv("PATH")
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if !strings.Contains(":"+path+":", ":"+dir+":") {
			path += ":" + dir
		}
	}
	return os.Setenv("PATH", path)
}

// varRun covers a /var/run that is not a link to /run: iproute2 uses it.
func varRun() error {
	a, err := os.Stat("/run")
	if err != nil {
		return err
	}
	b, err := os.Stat("/var/run")
	if os.IsNotExist(err) || err == nil && os.SameFile(a, b) {
		return nil
	}
	return unix.Mount("/run", "/var/run", "none", unix.MS_BIND, "")
}

// setUp sets IFF_UP on a link of the calling thread's namespace.
func setUp(link string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq(link)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, req); err != nil {
		return err
	}
	req.SetUint16(req.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}
