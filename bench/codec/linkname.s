// Go functions without a body (vishvananda.go) need a file of this kind beside them.
