package nl

// Sizes and alignment, linux/netlink.h.
const (
	HeaderLen     = 16 // sizeof(struct nlmsghdr)
	AttrHeaderLen = 4  // sizeof(struct nlattr)
)

// #define NLMSG_ALIGN(len) ( ((len)+NLMSG_ALIGNTO-1) & ~(NLMSG_ALIGNTO-1) )
// #define NLA_ALIGN(len) (((len) + NLA_ALIGNTO - 1) & ~(NLA_ALIGNTO - 1))
//
// Both alignments are 4.
func align(n int) int { return (n + 3) &^ 3 }

// Flag bits of nla_type.
//
// #define NLA_F_NESTED		(1 << 15)
// #define NLA_F_NET_BYTEORDER	(1 << 14)
// #define NLA_TYPE_MASK		~(NLA_F_NESTED | NLA_F_NET_BYTEORDER)
const (
	nlaNested    = 1 << 15
	nlaNetOrder  = 1 << 14
	nlaTypeMask  = 1<<14 - 1
	maxAttrLen   = 1<<16 - 1 // nla_len is 16 bits wide
	maxBatchSend = 32 << 10  // bytes of one sendmsg of a batch: far below any SO_SNDBUF
	maxBatchAcks = 64        // acks in flight: they must fit the receive buffer, whatever its size
)
