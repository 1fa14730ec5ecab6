/* FNV-1a, 64 bits: to tell whether something is what it was (Fowler, Noll, Vo: draft-eastlake-fnv). */
#ifndef TENK_HASH_H
#define TENK_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* Goes on from `hash`, which is HASH_START for the first bytes. Not for keeping out attackers. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
