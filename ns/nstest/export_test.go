package nstest

// MapIDs is for tests that make namespaces of their own.
var MapIDs = mapIDs
