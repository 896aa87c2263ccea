import Glibc
import Kafka
import LocalBroker
import TestSupport
import Testing
import Threads

@testable import KafkaProtocol

@Suite("Connecting") struct ConnectionTests {
  private func refusal(_ servers: String, _ properties: [String: String] = [:]) async throws -> KafkaError? {
    let configuration = KafkaConfiguration(bootstrapServers: servers, properties: properties)
    let producer = try BatchProducer(configuration, transactionalID: "id", slots: 1)
    return try await producer.onThread { producer in
      defer { producer.close() }
      do {
        try producer.initTransactions(timeout: .milliseconds(400))
        return nil
      } catch { return error as? KafkaError }
    }
  }

  @Test("Where nobody listens it is tried again until time is over, and the reason is told") func nobody() async throws
  {
    let error = try await refusal("127.0.0.1:\(try LoopbackPort.free()), [::1]:\(try LoopbackPort.free())")
    #expect(error?.disposition == .retriable && error?.code == .timedOut)
    #expect(error?.message.contains("Connection refused") == true, "\(String(describing: error))")
  }

  @Test("A name that nobody knows is told") func unknownHost() async throws {
    let error = try await refusal("nobody.invalid:9092")
    #expect(error?.disposition == .retriable)
    #expect(error?.message.contains("nobody.invalid is not found") == true, "\(String(describing: error))")
  }

  @Test(
    "Whoever answers something else is told apart, and none of it is read",
    arguments: [
      ([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28], "no plain listener"),
      (Array("HTTP/1.1 400 Bad".utf8), "no plain listener"),
      ([], "closed the connection"), ([0, 0, 0, 3, 0, 0, 0], "no plain listener"),
      ([0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0], "in place of"), ([0, 0, 0, 6, 0, 0, 0, 1, 0, 0], "cut off"),
    ] as [([UInt8], String)])
  func strangers(answer: [UInt8], reason: String) async throws {
    let stranger = try Stranger(answer)
    let error = try await refusal("127.0.0.1:\(stranger.port)")
    #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    stranger.stop()
  }

  @Test("Brokers that are too old are told before anything is asked of them", arguments: API.allCases)
  func outdated(_ api: API) async throws {
    guard api != .apiVersions else { return }
    let cluster = try FakeCluster(1)
    defer { cluster.stop() }
    func obsolescence() async throws -> String? {
      try await BatchProducer(cluster.configuration, transactionalID: "id", slots: 1).onThread { producer in
        defer { producer.close() }
        return try producer.obsolescence(timeout: .seconds(20))
      }
    }
    #expect(try await obsolescence() == nil)
    cluster.change { $0.outdated = [api] }
    #expect(try await obsolescence()?.contains("no version of \(api)") == true)
  }

  @Test("Only plain listeners are spoken to, and the refusal says so without a secret") func security() {
    for security in ["SSL", "sasl_ssl", "SASL_PLAINTEXT"] {
      let configuration = KafkaConfiguration(
        bootstrapServers: "a:1", properties: ["security.protocol": security, "sasl.password": "geheim"])
      let error = #expect(throws: KafkaError.self) { try ClientSettings(configuration) }
      #expect(error?.message.contains("plain listeners only") == true && error?.message.contains("geheim") == false)
    }
    #expect(ClientSettings.refusal(of: KafkaConfiguration(bootstrapServers: "a:1")) == nil)
    #expect(throws: KafkaError.self) { try ClientSettings(KafkaConfiguration(bootstrapServers: "a:b")) }
    #expect(throws: KafkaError.self) { try ClientSettings(KafkaConfiguration(bootstrapServers: "")) }
  }

  @Test("An address is a host and a port, in the forms that librdkafka takes") func addresses() {
    let forms: [(String, String?)] = [
      ("a:1", "a:1"), (" a:1 ", "a:1"), ("a", "a:9092"), ("[::1]:9", "[::1]:9"), ("::1", "[::1]:9092"),
      ("PLAINTEXT://a:7", "a:7"), ("SSL://a:7", nil), ("a:", nil), (":1", nil), ("a:65536", nil), ("a:0", nil),
      ("[a", "[a:9092"),
    ]
    for (text, expected) in forms { #expect(BrokerAddress(parsing: text)?.description == expected, "\(text)") }
  }
}

/// Listens where a broker should, answers every connection the same, and closes it.
private final class Stranger: Sendable {
  private struct NoPort: Error {}

  let port: UInt16
  private let listener: Int32

  init(_ answer: [UInt8]) throws {
    port = try LoopbackPort.free()
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, listen(listener, 16) == 0 else { throw NoPort() }
    try NamedThread.start("stranger") {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { break }
        var request = [UInt8](repeating: 0, count: 1024)
        _ = recv(client, &request, request.count, 0)
        send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
        close(client)
      }
      close(listener)
    }
  }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }
}
