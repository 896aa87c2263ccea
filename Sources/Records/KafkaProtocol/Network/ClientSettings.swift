package import Kafka

/// What a connection needs to know, out of librdkafka's properties.
package struct ClientSettings: Sendable {
  package var bootstrap: [BrokerAddress]
  package var clientID: String
  /// How long a broker may take for an answer before its connection counts as broken.
  package var requestTimeout: Duration
  /// How long a batch is tried to be sent.
  package var deliveryTimeout: Duration

  /// Throws `.invalidArgument` where `refusal` gives a reason, or for a list of brokers that is none.
  package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    if let reason = Self.refusal(of: configuration) { throw KafkaError(.invalidArgument, reason) }
    let properties = configuration.properties
    let list = properties["bootstrap.servers"] ?? properties["metadata.broker.list"] ?? ""
    bootstrap = try list.split(separator: ",").map { text throws(KafkaError) in
      guard let address = BrokerAddress(parsing: text) else {
        throw KafkaError(.invalidArgument, "'\(text)' in bootstrap.servers is no host:port")
      }
      return address
    }
    guard !bootstrap.isEmpty else { throw KafkaError(.invalidArgument, "bootstrap.servers names no broker") }
    clientID = properties["client.id"] ?? "thaw"
    requestTimeout = .milliseconds(properties["socket.timeout.ms"].flatMap { Int($0) } ?? 30_000)
    deliveryTimeout = .seconds(120)
  }

  /// Why these properties need another client: only plain listeners are spoken to. Nil when they don't. No value is told but that of the security protocol.
  package static func refusal(of configuration: KafkaConfiguration) -> String? {
    let security = configuration.properties["security.protocol"] ?? "plaintext"
    guard security.lowercased() != "plaintext" else { return nil }
    return "this client speaks to plain listeners only, not with security.protocol \(security)"
  }
}

package struct BrokerAddress: Sendable, Hashable, CustomStringConvertible {
  package var host: String
  package var port: UInt16

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// `host`, `host:port`, `[ipv6]:port`, with or without `PLAINTEXT://` before it; the port is 9092 if none is told.
  package init?(parsing text: some StringProtocol) {
    var rest = Substring(text).drop { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    if let scheme = rest.firstIndex(of: "/"), rest[scheme...].hasPrefix("//") {
      guard rest[..<scheme].lowercased() == "plaintext:" else { return nil }
      rest = rest[scheme...].dropFirst(2)
    }
    var port: UInt16? = 9092
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      let tail = rest[end...].dropFirst()
      rest = rest[..<end].dropFirst()
      if !tail.isEmpty { port = tail.hasPrefix(":") ? UInt16(tail.dropFirst()) : nil }
    } else if let colon = rest.lastIndex(of: ":"), rest.firstIndex(of: ":") == colon {
      port = UInt16(rest[colon...].dropFirst())
      rest = rest[..<colon]
    }
    guard let port, port > 0, !rest.isEmpty else { return nil }
    self.init(host: String(rest), port: port)
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
