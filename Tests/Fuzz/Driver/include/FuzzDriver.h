#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer's main loop over `body` with its own command line (https://llvm.org/docs/LibFuzzer.html), and returns its exit status. Returns −1 at
/// once where the program was linked without libFuzzer, as an ordinary build is.
int fuzz_drive(int argc, char **argv, int (*body)(const uint8_t *bytes, size_t count));
