// Fasthttp is a server of valyala/fasthttp, as its documentation writes one: a page
// from memory, the files of a folder.
//
//	fasthttp ADDR:PORT FOLDER
package main

import (
	"log"
	"os"

	"github.com/valyala/fasthttp"
)

const page = "<html><h1>Welcome to my http server!</h1><html>\n"

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: fasthttp ADDR:PORT FOLDER")
	}
	files := (&fasthttp.FS{Root: os.Args[2]}).NewRequestHandler()
	log.Fatal(fasthttp.ListenAndServe(os.Args[1], func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) != "/" {
			files(ctx)
			return
		}
		ctx.SetContentType("text/html; charset=utf-8")
		ctx.WriteString(page)
	}))
}
