package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	"rawns/bench/measure"
)

// A peer is a server that is measured.
type peer struct {
	name  string
	floor bool
	// args returns the command line, which begins with the program, in the folder of
	// files; a program of this repository is named by what make calls it. It is nil
	// for a load that it cannot do.
	args func(l load) []string
	ask  []string // arguments with which it tells its version
}

const port = 8080

var where = fmt.Sprintf("0.0.0.0:%d", port)

// peers are all that are measured. How they are configured is what their documentation
// advises for many requests, and nothing else.
var peers = []peer{
	{floor, true, func(l load) []string {
		args := []string{"c-http-floor"}
		if l.Keep {
			args = append(args, "-k")
		}
		if l.File {
			args = append(args, "-f", "www/"+fileName)
		}
		return append(args, fmt.Sprint(port))
	}, nil},
	{article, false, func(l load) []string {
		if l.File || l.Keep && !l.Idle {
			return nil
		}
		return []string{"c-http_server", "-b", "16384", fmt.Sprint(port)}
	}, nil},
	{"rawns http_server", false, func(l load) []string {
		if l.File || l.Keep {
			return nil
		}
		return []string{"rawns", "http_server", "-b", "16384", where}
	}, nil},
	{"rawns httpd", false, func(l load) []string {
		if l.File {
			return nil
		}
		return httpd("--body", page, "--type", "text/html; charset=utf-8")
	}, nil},
	{"rawns httpd --root", false, func(l load) []string { return httpd("--root", "www") }, nil},
	{"nginx", false, func(l load) []string { return []string{"nginx", "-p", ".", "-e", "stderr", "-c", "nginx.conf"} }, []string{"-v"}},
	{"lighttpd", false, func(l load) []string { return []string{"lighttpd", "-D", "-f", "lighttpd.conf"} }, []string{"-v"}},
	{"busybox httpd", false, func(l load) []string {
		if l.Keep || l.Clients > 1 {
			return nil
		}
		return []string{"busybox", "httpd", "-f", "-p", where, "-h", "www"}
	}, []string{}},
	{"darkhttpd", false, func(l load) []string {
		return []string{"darkhttpd", "www", "--port", fmt.Sprint(port), "--no-server-id", "--timeout", "120"}
	}, []string{"--help"}},
	{"Go net/http", false, func(l load) []string { return []string{"nethttp", where, "www"} }, nil},
	{"fasthttp", false, func(l load) []string { return []string{"fasthttp", where, "www"} }, nil},
	{"gnet", false, func(l load) []string { return []string{"gnet", where, "www"} }, nil},
}

const (
	floor   = "C floor"
	article = "the article's server" // with it, clients that are idle have said nothing yet
)

func httpd(args ...string) []string {
	return append([]string{"rawns", "httpd", "--listen", where, "--backlog", "16384"}, args...)
}

// beside returns the path of a program of this repository.
var beside = measure.Beside

var errNotHere = errors.New("this system has no package of it")

// command returns a peer's command line for a load, with the program's path; nil where
// it cannot do it.
func (p peer) command(l load) ([]string, error) {
	args := slices.Clone(p.args(l))
	if args == nil {
		return nil, nil
	}
	switch args[0] {
	case "rawns":
		args[0] = beside("../rawns")
		return args, nil
	case "c-http-floor", "c-http_server", "nethttp", "fasthttp", "gnet":
		args[0] = beside(args[0])
		return args, nil
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, args[0])); err == nil {
			args[0] = path
			return args, nil
		}
	}
	return nil, errNotHere
}

// configs are the files that peers read.
func configs() map[string]string {
	return map[string]string{
		"nginx.conf": `daemon off;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr crit;
events { worker_connections 16000; multi_accept on; }
http {
	include /etc/nginx/mime.types;
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	keepalive_timeout 120;
	server { listen ` + where + ` deferred backlog=16384; root www; }
}
`,
		"lighttpd.conf": `server.document-root = var.CWD + "/www"
server.bind = "0.0.0.0"
server.port = ` + fmt.Sprint(port) + `
server.listen-backlog = 16384
server.max-fds = ` + fmt.Sprint(limit()) + `
server.max-connections = ` + fmt.Sprint(many()+5) + `
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 120
server.max-read-idle = 120
$SERVER["socket"] == "0.0.0.0:` + fmt.Sprint(port) + `" { server.defer-accept = 1 }
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", "" => "application/octet-stream" )
`,
	}
}
