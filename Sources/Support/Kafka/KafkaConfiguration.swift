import CLibrdkafka

/// librdkafka's properties (its CONFIGURATION.md) for one cluster, and where its log lines go.
///
/// Values are secrets as likely as not: they show in no description and in no error.
package struct KafkaConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var properties: [String: String]

  /// Called from librdkafka's threads: it must not block, nor call into the client it came from. `nil` drops the lines;
  /// what an error needs of them stands in the error's message all the same.
  package var log: (@Sendable (KafkaLogLine) -> Void)?

  package init(
    bootstrapServers: String, properties: [String: String] = [:], log: (@Sendable (KafkaLogLine) -> Void)? = nil
  ) {
    self.properties = properties
    self.properties["bootstrap.servers"] = bootstrapServers
    self.log = log
  }

  package var bootstrapServers: String {
    properties["bootstrap.servers"] ?? properties["metadata.broker.list"] ?? "(no bootstrap.servers)"
  }

  package var description: String { "Kafka at \(bootstrapServers), properties \(properties.keys.sorted())" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The same with `forced` set over the user's own, and `defaults` where the user says nothing.
  func with(defaults: [String: String] = [:], forced: [String: String] = [:]) -> KafkaConfiguration {
    var copy = self
    copy.properties = defaults.merging(properties) { $1 }.merging(forced) { $1 }
    return copy
  }

  /// Throws when librdkafka knows a property not, or does not take its value; the error names the property only.
  package func validate() throws(KafkaError) { rd_kafka_conf_destroy(try makeConf()) }

  /// What is known to go wrong with these properties, in sentences for the log at start.
  package var warnings: [String] {
    usesScram && !KafkaVersion.doesScramWithKafka4 ? [KafkaVersion.scramHint] : []
  }

  var usesScram: Bool { mechanism.hasPrefix("SCRAM") }

  var usesOAuth: Bool { mechanism == "OAUTHBEARER" }

  private var mechanism: String {
    (properties["sasl.mechanisms"] ?? properties["sasl.mechanism"] ?? "").uppercased()
  }

  /// A new `rd_kafka_conf_t`, the caller's to hand to `rd_kafka_new` or to destroy.
  func makeConf() throws(KafkaError) -> OpaquePointer {
    guard let conf = rd_kafka_conf_new() else { throw KafkaError(.failed, "out of memory") }
    do {
      for (name, value) in properties.sorted(by: { $0.key < $1.key }) { try set(name, value, in: conf) }
      return conf
    } catch {
      rd_kafka_conf_destroy(conf)
      throw error
    }
  }

  private func set(_ name: String, _ value: String, in conf: OpaquePointer) throws(KafkaError) {
    var text = [CChar](repeating: 0, count: 512)
    switch rd_kafka_conf_set(conf, name, value, &text, text.count) {
    case RD_KAFKA_CONF_OK: return
    case RD_KAFKA_CONF_UNKNOWN:
      throw KafkaError(.invalidArgument, "librdkafka \(KafkaVersion.text) has no property '\(name)'")
    default:
      let bounds = allowedRange(in: string(text)).map { ": it must be within \($0)" } ?? ""
      throw KafkaError(.invalidArgument, "librdkafka does not accept the value of the property '\(name)'\(bounds)")
    }
  }

  /// "… is outside allowed range 1..5": the one part of librdkafka's text that helps and echoes no value.
  private func allowedRange(in text: String) -> String? {
    let words = text.split(separator: " ")
    guard let at = words.firstIndex(of: "range"), at + 1 < words.count else { return nil }
    return String(words[at + 1])
  }

  /// `text` with every value that may be a secret taken out.
  func redacting(_ text: String) -> String {
    var text = text
    for (name, value) in properties where Self.maySecret(name) && value.count >= 3 {
      text = text.split(separator: value, omittingEmptySubsequences: false).joined(separator: "…")
    }
    return text
  }

  private static func maySecret(_ name: String) -> Bool {
    ["password", "secret", ".pem", "jaas", "oauthbearer.config", "sasl.username"].contains { name.contains($0) }
  }
}

/// The text in a buffer that C filled and ended with a zero.
func string(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
