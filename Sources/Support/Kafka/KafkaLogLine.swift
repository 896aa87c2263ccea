/// One line of librdkafka's own log.
package struct KafkaLogLine: Sendable, Equatable {
  /// syslog's: 3 error, 4 warning, 5 notice, 6 info, 7 debug.
  package let level: Int32
  /// librdkafka's short word for the event, such as `FAIL`.
  package let facility: String
  package let message: String
}
