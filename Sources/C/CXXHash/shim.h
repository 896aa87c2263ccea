#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>

// The functions of xxhash.h are macros over macros, which do not import.
static inline XXH128_hash_t xxh3_128(const void *bytes, size_t length) { return XXH3_128bits(bytes, length); }
