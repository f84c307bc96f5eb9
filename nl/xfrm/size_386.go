package xfrm

// SAInfoLen is the size of struct xfrm_usersa_info: 64-bit integers are aligned at 4
// bytes here, so that it ends four bytes earlier than elsewhere.
const SAInfoLen = 220

// PolicyInfoLen is the size of struct xfrm_userpolicy_info.
const PolicyInfoLen = 164
