// Gnet is a server of panjf2000/gnet, which is a loop over sockets and knows nothing
// of HTTP: what is needed of that is here, and it is not much. It looks for the end
// of requests, for the path, and for "Connection: close". The file comes from memory,
// as gnet sends none from the disk.
//
//	gnet ADDR:PORT FOLDER
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/panjf2000/gnet/v2"
)

const page = "<html><h1>Welcome to my http server!</h1><html>\n"

var (
	end       = []byte("\r\n\r\n")
	root      = []byte("GET / ")
	lastOne   = []byte("\r\nConnection: close\r\n")
	pageReply = reply("", []byte(page))
	pageLast  = reply("Connection: close\r\n", []byte(page))
)

func reply(field string, body []byte) []byte {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n%s\r\n", len(body), field)
	return append([]byte(head), body...)
}

type server struct {
	gnet.BuiltinEventEngine
	file, fileLast []byte
}

func (s *server) OnTraffic(c gnet.Conn) gnet.Action {
	in, _ := c.Peek(-1)
	for used := 0; ; {
		n := bytes.Index(in[used:], end)
		if n < 0 {
			c.Discard(used)
			return gnet.None
		}
		one := in[used : used+n+len(end)]
		used += len(one)
		last := bytes.Contains(one, lastOne)
		out := pageReply
		switch isPage := bytes.HasPrefix(one, root); {
		case isPage && last:
			out = pageLast
		case !isPage && last:
			out = s.fileLast
		case !isPage:
			out = s.file
		}
		c.Write(out)
		if last {
			c.Discard(used)
			return gnet.Close
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: gnet ADDR:PORT FOLDER")
	}
	file, err := os.ReadFile(filepath.Join(os.Args[2], "file"))
	if err != nil {
		log.Fatal(err)
	}
	s := &server{file: reply("", file), fileLast: reply("Connection: close\r\n", file)}
	log.Fatal(gnet.Run(s, "tcp://"+os.Args[1], gnet.WithNumEventLoop(1), gnet.WithReuseAddr(true)))
}
