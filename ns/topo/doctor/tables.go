package doctor

import "rawns/ns"

func readTables(n *ns.NS) []*Table { return nil }
