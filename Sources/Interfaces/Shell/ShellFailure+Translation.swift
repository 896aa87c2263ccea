import ColdStorage
import Kafka
import RestoreModel

extension ShellFailure {
  /// What another part of the product threw, as a sentence and a code.
  ///
  /// - Parameter broker: where the Kafka call went; nil when the error's own words name the place.
  package init(translating error: any Error, broker: String? = nil, within timeout: Duration? = nil) {
    switch error {
    case let failure as ShellFailure: self = failure
    case let error as KafkaError: self = Self.kafka(error, broker: broker, timeout: timeout)
    case let error as StorageError: self.init(.unreachable, "\(error)")
    case let rejection as Rejection:
      let lines = rejection.errors.isEmpty ? [rejection.message] : rejection.errors.map(\.description)
      self.init(rejection.reason == .notFound ? .notFound : .refused, lines: lines)
    default: self.init(.refused, "\(error)")
    }
  }

  private static func kafka(_ error: KafkaError, broker: String?, timeout: Duration?) -> ShellFailure {
    guard unreachable.contains(error.code) else {
      return ShellFailure(.refused, (broker.map { "\($0): " } ?? "") + error.message)
    }
    let span = timeout.map { " within \(Figure.duration($0))" } ?? ""
    let why = lastTrouble(error.message).map { " (\($0))" } ?? ""
    return ShellFailure(
      .unreachable,
      "\(broker ?? "Kafka"): no broker answered\(span)\(why); is --bootstrap-servers right?")
  }

  private static let unreachable: Set<KafkaError.Code> = [
    .timedOut, .transport, .resolve, .allBrokersDown, .messageTimedOut, .requestTimedOut,
  ]

  /// Of librdkafka's "…: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)" the part that people want.
  static func lastTrouble(_ message: String) -> String? {
    guard let at = message.firstRange(of: "; last: ") else { return nil }
    var rest = String(message[at.upperBound...])
    if let failed = rest.firstRange(of: "failed: ") { rest = String(rest[failed.upperBound...]) }
    if let after = rest.firstRange(of: " (after ") { rest = String(rest[..<after.lowerBound]) }
    return rest
  }
}
