import CLibrdkafka

/// The librdkafka this process runs with, which need not be the one it was built with.
package enum KafkaVersion {
  package static var text: String { String(cString: rd_kafka_version_str()) }

  /// Before 2.6.1 librdkafka sends a wrong final SCRAM nonce, which Kafka 4 refuses as "invalid credentials".
  package static var doesScramWithKafka4: Bool { rd_kafka_version() >= 0x0206_01ff }

  static var scramHint: String {
    "librdkafka \(text) can't do SCRAM with Kafka 4; use 2.6.1 or newer"
  }
}
