import Glibc
import JSON
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("The record path on a broker")
struct RecordPathTests {
  @Test(
    "Status and describe tell what became of stored batches, and nothing where each record goes by itself", .broker(),
    arguments: BrokerKind.here())
  func batches(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let source = try await broker.makeTopic("source")
    let producer = try Producer(broker.configuration)
    // Too large to be worth merging.
    _ = try await producer.send(
      (0..<30).map { number in
        OutgoingRecord(
          topic: source, partition: 0, key: nil, value: [UInt8](repeating: UInt8(number), count: 100_000),
          timestamp: 1000 + Int64(number))
      })
    await producer.close()
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    var counts: [String: JSONValue?] = [:]
    var described: [String: String] = [:]
    for (name, config) in [
      ("whole", ""), ("cut", "partitions: [{number: 0, restoreFromOffset: 1}]"), ("single", ""),
    ] {
      let target = try await broker.makeTopic(name)
      let path = name == "single" ? "recordPath: perRecord, " : ""
      try await thaw.thaw(
        "apply", "-f", "-",
        input: thaw.documents(
          name,
          config: "{\(path)topics: [{source: \(source), target: \(target)\(config.isEmpty ? "" : ", \(config)")}]}"))
      try await thaw.thaw("wait", name, "--for", "condition=Verified", "--timeout", "60s")
      let found = try await broker.readAll(TopicPartition(target, 0))
      #expect(found.count == (name == "cut" ? 29 : 30) && found.last?.value?.first == 29)
      counts[name] = try await thaw.get("restore", name)?["status"]?["progress"]?["topics"]?[0]?["batches"]
      described[name] = try await thaw.thaw("describe", "restore", name).output
    }
    let (whole, cut) = (try #require(counts["whole"] ?? nil), try #require(counts["cut"] ?? nil))
    let stored = try #require(whole["unopened"]?.int)
    #expect(stored > 1 && whole["merged"]?.int == 0 && whole["opened"] == nil, "\(whole)")
    #expect(cut["unopened"]?.int == stored - 1 && cut["opened"] == ["bounds": 1], "\(cut)")
    #expect((counts["single"] ?? nil) == nil)
    #expect(described["whole"]?.contains(" \(stored) unopened\n") == true, "\(described)")
    #expect(described["cut"]?.contains("\(stored - 1) unopened, 1 opened (bounds 1)\n") == true, "\(described)")
    #expect(described["single"]?.contains("BATCHES") == false, "\(described)")
    #expect(described["single"]?.contains("Record path:  perRecord\n") == true, "\(described)")
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
  }

  @Test(
    "What was written in transactions is archived so that it goes on unopened, and arrives as it was", .broker(),
    arguments: BrokerKind.here())
  func transactions(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let (source, target) = (try await broker.makeTopic("source"), try await broker.makeTopic("target"))
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("tx"))
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: .seconds(30))
      // 300 KB each, the third one aborted.
      for round in 0..<6 {
        try producer.begin()
        for number in 0..<30 {
          let value = [UInt8](repeating: UInt8(round * 30 + number), count: 10_000)
          try producer.produce(
            OutgoingRecord(topic: source, partition: 0, key: nil, value: value, timestamp: 1000 + Int64(round)))
        }
        _ = try producer.flush(timeout: .seconds(20))
        if round == 2 { try producer.abort(timeout: .seconds(20)) } else { try producer.commit(timeout: .seconds(20)) }
      }
    }
    let thaw = try await Installation(on: broker)
    try await thaw.thaw("archive", source, "--to", thaw.archive)
    let service = try thaw.serve()
    try await thaw.thaw(
      "apply", "-f", "-",
      input: thaw.documents("all", config: "{topics: [{source: \(source), target: \(target)}]}"))
    try await thaw.thaw("wait", "all", "--for", "condition=Verified", "--timeout", "60s")
    let batches = try await thaw.get("restore", "all")?["status"]?["progress"]?["topics"]?[0]?["batches"]
    #expect(
      batches?["unopened"]?.int == 5 && batches?["merged"]?.int == 0 && batches?["opened"] == nil, "\(batches as Any)")
    let restored = try await broker.readAll(TopicPartition(target, 0))
    #expect(restored.compactMap { $0.value?.first } == (Array(0..<60) + Array(90..<180)))
    try await expectEqual(source, target, partitions: 1, on: broker)
    service.send(SIGTERM)
    #expect(await service.ended() == .exited(code: 0))
  }
}
