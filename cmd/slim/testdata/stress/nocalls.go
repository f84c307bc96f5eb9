//go:build !calls

package main

func breathe() {}
