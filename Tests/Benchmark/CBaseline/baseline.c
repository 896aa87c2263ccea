// clock_gettime is POSIX, not C.
#define _POSIX_C_SOURCE 200809L

#include "CBaseline.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { timeout_ms = 120000, most_topics = 64, records_between_polls = 1024 };

struct run {
  const struct baseline_settings *settings;
  struct baseline_outcome *outcome;
  rd_kafka_t *producer;
  rd_kafka_topic_t *topics[most_topics];
  int64_t failed;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int fail(struct run *run, const char *what, const char *why) {
  snprintf(run->outcome->error, sizeof run->outcome->error, "%s: %s", what, why);
  return -1;
}

/// Takes an error over, if there is one.
static int check(struct run *run, const char *what, rd_kafka_error_t *error) {
  if (!error) return 0;
  fail(run, what, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return -1;
}

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
  (void)producer;
  struct run *run = opaque;
  if (message->err) run->failed += 1;
}

static int start(struct run *run) {
  const char *properties[][2] = {
      {"bootstrap.servers", run->settings->servers},
      {"transactional.id", run->settings->transactional_id},
      {"enable.idempotence", "true"},
      {"compression.type", run->settings->codec},
      {"batch.size", "1000000"},
      {"batch.num.messages", "1000000"},
      {"linger.ms", "20"},
      {"queue.buffering.max.messages", "1000000"},
      {"queue.buffering.max.kbytes", "1048576"},
      {"log_level", "3"},
      // A successful delivery is known from the commit.
      {"delivery.report.only.error", "true"},
  };
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  char why[256];
  for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
    if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1], why, sizeof why) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return fail(run, properties[i][0], why);
    }
  }
  rd_kafka_conf_set_opaque(conf, run);
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  run->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!run->producer) {
    rd_kafka_conf_destroy(conf);
    return fail(run, "rd_kafka_new", why);
  }
  for (int i = 0; i < run->settings->topic_count; i++) {
    run->topics[i] = rd_kafka_topic_new(run->producer, run->settings->topics[i], NULL);
    if (!run->topics[i]) return fail(run, "rd_kafka_topic_new", run->settings->topics[i]);
  }
  return check(run, "init_transactions", rd_kafka_init_transactions(run->producer, timeout_ms));
}

static int produce(struct run *run, rd_kafka_topic_t *topic, const struct baseline_record *record) {
  rd_kafka_vu_t values[5];
  values[0].vtype = RD_KAFKA_VTYPE_RKT;
  values[0].u.rkt = topic;
  values[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  values[1].u.i32 = 0;
  values[2].vtype = RD_KAFKA_VTYPE_KEY;
  values[2].u.mem.ptr = (void *)record->key;
  values[2].u.mem.size = record->key_size < 0 ? 0 : (size_t)record->key_size;
  values[3].vtype = RD_KAFKA_VTYPE_VALUE;
  values[3].u.mem.ptr = (void *)record->value;
  values[3].u.mem.size = record->value_size < 0 ? 0 : (size_t)record->value_size;
  values[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  values[4].u.i64 = record->timestamp;
  for (;;) {
    rd_kafka_error_t *error = rd_kafka_produceva(run->producer, values, 5);
    if (!error) return 0;
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) return check(run, "produce", error);
    rd_kafka_error_destroy(error);
    rd_kafka_poll(run->producer, 10);
  }
}

static int commit(struct run *run) {
  if (check(run, "commit", rd_kafka_commit_transaction(run->producer, timeout_ms))) return -1;
  if (run->failed > 0) return fail(run, "produce", "a delivery failed");
  run->outcome->transactions += 1;
  return 0;
}

static int send_all(struct run *run, const struct baseline_record *records, int64_t count) {
  if (check(run, "begin", rd_kafka_begin_transaction(run->producer))) return -1;
  double next = now() + run->settings->commit_seconds;
  for (int64_t i = 0; i < count; i++) {
    for (int topic = 0; topic < run->settings->topic_count; topic++) {
      if (produce(run, run->topics[topic], &records[i])) return -1;
    }
    if (i % records_between_polls != records_between_polls - 1) continue;
    rd_kafka_poll(run->producer, 0);
    if (now() < next) continue;
    if (commit(run)) return -1;
    if (check(run, "begin", rd_kafka_begin_transaction(run->producer))) return -1;
    next = now() + run->settings->commit_seconds;
  }
  return commit(run);
}

int baseline_run(
    const struct baseline_settings *settings, const struct baseline_record *records, int64_t count,
    struct baseline_outcome *outcome) {
  struct run run = {.settings = settings, .outcome = outcome};
  memset(outcome, 0, sizeof *outcome);
  if (settings->topic_count < 1 || settings->topic_count > most_topics) return fail(&run, "topics", "1 to 64 go");
  int result = start(&run);
  if (result == 0) result = send_all(&run, records, count);
  for (int i = 0; i < settings->topic_count; i++) {
    if (run.topics[i]) rd_kafka_topic_destroy(run.topics[i]);
  }
  if (run.producer) rd_kafka_destroy(run.producer);
  return result;
}
