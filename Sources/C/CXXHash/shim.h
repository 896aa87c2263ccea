#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>

// The names of xxhash.h are macros over macros, which do not import. What is inline is for records, which are short.
typedef XXH128_hash_t xxh3_sum;
static inline xxh3_sum xxh3_128(const void *bytes, size_t length) { return XXH3_128bits(bytes, length); }

// Of bytes that come piece by piece, by the library itself: where it was built so, it takes the widest vectors that the processor has, which halves the time. The
// state is the library's, so that it may be another version than the header.
typedef struct xxh3_state xxh3_state;
xxh3_state *xxh3_state_new(void) __asm__("XXH3_createState");
int xxh3_state_free(xxh3_state *state) __asm__("XXH3_freeState");
int xxh3_128_reset(xxh3_state *state) __asm__("XXH3_128bits_reset");
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
int xxh3_128_update(xxh3_state *state, const void *bytes, size_t length) __asm__("XXH3_128bits_update_dispatch");
#else
int xxh3_128_update(xxh3_state *state, const void *bytes, size_t length) __asm__("XXH3_128bits_update");
#endif
xxh3_sum xxh3_128_digest(const xxh3_state *state) __asm__("XXH3_128bits_digest");
