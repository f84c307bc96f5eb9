package doctor

import (
	"strings"

	"rawns/ns"
	"rawns/ns/file"
)

// readTables reads what nftables and iptables have in a namespace. What cannot
// be read, or does not exist in this kernel, is left out.
func readTables(n *ns.NS) (out []*Table) {
	n.Do(func() error {
		out = readNft()
		for _, t := range [...]struct {
			names string
			v6    bool
		}{{"ip_tables_names", false}, {"ip6_tables_names", true}} {
			// Only tables that are there: to ask for another one would make it.
			names, err := file.Read("/proc/thread-self/net/" + t.names)
			if err != nil {
				continue
			}
			for _, name := range strings.Fields(string(names)) {
				if table := readLegacy(name, t.v6); table != nil {
					out = append(out, table)
				}
			}
		}
		return nil
	})
	return out
}
