#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `length` bytes, continuing from `crc` (0 to begin): RFC 3720, appendix B.4.
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);
