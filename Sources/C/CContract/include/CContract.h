#pragma once
#include <stddef.h>

/// One file of `topics/`, embedded: its path below that folder, and its bytes.
struct contract_file {
  const char *path;
  const unsigned char *bytes;
  size_t length;
};

size_t contract_count(void);
struct contract_file contract_file_at(size_t index);
