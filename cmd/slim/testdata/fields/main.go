// Fields prints what package reflect knows of a type that nothing else names.
package main

import "fmt"

type inner struct{ A, B int }

type outer struct {
	Inner *inner
	List  []inner
}

func main() {
	fmt.Printf("%+v %T\n", *new(outer), outer{}.List)
}
