#include "FuzzDriver.h"

// Only Tests/run links libFuzzer, which brings it.
__attribute__((weak)) int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*body)(const uint8_t *, size_t));

int fuzz_drive(int argc, char **argv, int (*body)(const uint8_t *, size_t)) {
  if (!LLVMFuzzerRunDriver) return -1;
  return LLVMFuzzerRunDriver(&argc, &argv, body);
}
