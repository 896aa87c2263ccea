#pragma once
#include <stdint.h>

/// A record in memory that stays where it is until `baseline_run` has returned.
struct baseline_record {
  const void *key;
  const void *value;
  /// -1 is null.
  int32_t key_size;
  int32_t value_size;
  /// Milliseconds.
  int64_t timestamp;
};

struct baseline_settings {
  const char *servers;
  const char *transactional_id;
  /// As librdkafka names it: zstd, lz4, none.
  const char *codec;
  /// Every record goes to partition 0 of each of them.
  const char *const *topics;
  int topic_count;
  double commit_seconds;
};

struct baseline_outcome {
  int64_t transactions;
  /// Empty when all went well.
  char error[256];
};

/// What a restore is compared with: one librdkafka producer, idempotent and transactional, that sends records out of memory without copying them and commits
/// now and then. Returns 0 after the last commit, with the producer closed.
int baseline_run(
    const struct baseline_settings *settings, const struct baseline_record *records, int64_t count,
    struct baseline_outcome *outcome);
