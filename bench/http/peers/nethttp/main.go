// Nethttp is a server of Go's own net/http, as one writes it: a page from memory,
// the files of a folder.
//
//	nethttp ADDR:PORT FOLDER
package main

import (
	"log"
	"net/http"
	"os"
)

const page = "<html><h1>Welcome to my http server!</h1><html>\n"

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: nethttp ADDR:PORT FOLDER")
	}
	files := http.FileServer(http.Dir(os.Args[2]))
	log.Fatal(http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			files.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(page))
	})))
}
