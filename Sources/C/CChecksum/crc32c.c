#include "CChecksum.h"

#include <string.h>

// Polynomials modulo that of the checksum, the lowest power in the highest bit, as the checksum itself has them.
static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >> 1) ^ 0x82f63b78u : b >> 1;
  }
  return product;
}

// powers[k] is x to the power of 8 * 2^k.
static uint32_t powers[64];

__attribute__((constructor(101))) static void fill_powers(void) {
  uint32_t power = 1u << 23;
  for (int k = 0; k < 64; k++) {
    powers[k] = power;
    power = multiply(power, power);
  }
}

uint32_t crc32c_shift(uint32_t crc, uint64_t length) {
  for (int k = 0; length != 0; length >>= 1, k++)
    if (length & 1) crc = multiply(powers[k], crc);
  return crc;
}

uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t length) {
  return crc32c_shift(first, length) ^ second;
}

// Slicing by eight, for processors without an instruction for it.
static uint32_t table[8][256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    table[0][i] = c;
  }
  for (int t = 1; t < 8; t++)
    for (uint32_t i = 0; i < 256; i++) table[t][i] = (table[t - 1][i] >> 8) ^ table[0][table[t - 1][i] & 255];
}

static uint32_t by_table(uint32_t c, const unsigned char *p, size_t n) {
  for (; n >= 8; n -= 8, p += 8) {
    uint32_t low, high;
    memcpy(&low, p, 4);
    memcpy(&high, p + 4, 4);
    low ^= c;
    c = table[7][low & 255] ^ table[6][(low >> 8) & 255] ^ table[5][(low >> 16) & 255] ^ table[4][low >> 24] ^
        table[3][high & 255] ^ table[2][(high >> 8) & 255] ^ table[1][(high >> 16) & 255] ^ table[0][high >> 24];
  }
  while (n-- > 0) c = (c >> 8) ^ table[0][(c ^ *p++) & 255];
  return c;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

// The instruction takes three cycles and one can begin in each, so three parts are summed side by side. `stride` is long against the
// cost of putting them together, and short against what is summed.
enum { stride = 4096 };

// What `stride` bytes of zeros make of each byte of a checksum.
static uint32_t past_stride[4][256];

__attribute__((constructor(102))) static void fill_past_stride(void) {
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 0; k < 4; k++) past_stride[k][i] = crc32c_shift(i << (8 * k), stride);
}

static uint32_t shift_stride(uint32_t c) {
  return past_stride[0][c & 255] ^ past_stride[1][(c >> 8) & 255] ^ past_stride[2][(c >> 16) & 255] ^
         past_stride[3][c >> 24];
}

static uint64_t word_at(const unsigned char *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t c, const unsigned char *p, size_t n) {
  for (; n >= 3 * stride; n -= 3 * stride, p += 3 * stride) {
    uint64_t first = c, second = 0, third = 0;
    for (size_t i = 0; i < stride; i += 8) {
      first = _mm_crc32_u64(first, word_at(p + i));
      second = _mm_crc32_u64(second, word_at(p + stride + i));
      third = _mm_crc32_u64(third, word_at(p + 2 * stride + i));
    }
    c = shift_stride(shift_stride((uint32_t)first) ^ (uint32_t)second) ^ (uint32_t)third;
  }
  uint64_t wide = c;
  for (; n >= 8; n -= 8, p += 8) wide = _mm_crc32_u64(wide, word_at(p));
  c = (uint32_t)wide;
  while (n-- > 0) c = _mm_crc32_u8(c, *p++);
  return c;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~by_instruction(~crc, bytes, length);
#endif
  return ~by_table(~crc, bytes, length);
}
