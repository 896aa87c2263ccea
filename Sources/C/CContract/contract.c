#include "CContract.h"

size_t contract_count(void) { return 0; }
struct contract_file contract_file_at(size_t index) {
  (void)index;
  return (struct contract_file){0};
}
