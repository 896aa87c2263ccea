#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `length` bytes, continuing from `crc` (0 to begin): RFC 3720, appendix B.4.
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);

/// What a checksum contributes to one that goes on for `length` bytes after it: crc * x^(8 * length) modulo the polynomial. Linear, so that a
/// change of the beginning changes the whole checksum by the shifted difference. At most 64 multiplications whatever the length.
uint32_t crc32c_shift(uint32_t crc, uint64_t length);

/// The checksum of two parts, one after the other, from those of each; `length` is the second part's in bytes.
uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t length);
