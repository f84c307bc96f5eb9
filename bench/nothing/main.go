// Nothing does nothing: what it takes, any program in Go takes.
package main

func main() {}
