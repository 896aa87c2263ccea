import CLibrdkafka
import Threads

/// What librdkafka's callbacks see of a client: its opaque pointer. Subclasses add what their own callbacks need.
///
/// The log callback runs on librdkafka's threads; it also remembers how the last attempt to reach a broker ended, since the
/// time-out that an operation fails with doesn't say.
class ClientContext: @unchecked Sendable {
  let configuration: KafkaConfiguration
  private let lastTrouble = Locked<String?>(nil)

  init(_ configuration: KafkaConfiguration) { self.configuration = configuration }

  func logged(level: Int32, facility: String, message: String) {
    if level <= 4 || facility == "FAIL" || facility == "SASL" {
      lastTrouble.withLock { $0 = Self.withoutThread(message) }
    }
    configuration.log?(KafkaLogLine(level: level, facility: facility, message: message))
  }

  /// `error` with what is known about brokers that don't answer, and about SCRAM.
  func explain(_ error: KafkaError) -> KafkaError {
    var message = configuration.redacting(error.message)
    let trouble = lastTrouble.withLock { $0 }
    if error.code.isSilence {
      message = "no answer from Kafka at \(configuration.bootstrapServers): \(message)"
      if let trouble { message += "; last: \(configuration.redacting(trouble))" }
    }
    let refused = error.code == .authentication || error.code == .saslAuthenticationFailed
    let mayBeScram = refused || trouble.map { $0.contains("uthentication") } ?? false
    if configuration.usesScram, !KafkaVersion.doesScramWithKafka4, mayBeScram {
      message += "; \(KafkaVersion.scramHint)"
    }
    return message == error.message ? error : error.saying(message)
  }

  /// "[thrd:main]: text" without the thread.
  private static func withoutThread(_ message: String) -> String {
    guard message.hasPrefix("[thrd:"), let end = message.firstRange(of: "]: ") else { return message }
    return String(message[end.upperBound...])
  }

  static func from(_ opaque: UnsafeMutableRawPointer?) -> Self? {
    guard let opaque else { return nil }
    return Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue() as? Self
  }
}
