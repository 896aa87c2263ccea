#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>

// The names of xxhash.h are macros over macros, which do not import.
typedef XXH128_hash_t xxh3_sum;
static inline xxh3_sum xxh3_128(const void *bytes, size_t length) { return XXH3_128bits(bytes, length); }

// Of bytes that come piece by piece; the caller has the memory for the state. These fail for a null pointer only.
static inline size_t xxh3_state_size(void) { return sizeof(XXH3_state_t); }
static inline size_t xxh3_state_alignment(void) { return _Alignof(XXH3_state_t); }
static inline void xxh3_128_reset(void *state) { XXH3_128bits_reset((XXH3_state_t *)state); }
static inline void xxh3_128_update(void *state, const void *bytes, size_t length) {
  XXH3_128bits_update((XXH3_state_t *)state, bytes, length);
}
static inline xxh3_sum xxh3_128_digest(const void *state) {
  return XXH3_128bits_digest((const XXH3_state_t *)state);
}
