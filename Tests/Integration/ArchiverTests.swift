@testable import Archiver
import ColdStorage
import Glibc
@testable import Kafka
import LocalBroker
import TestSupport
import Testing
import Threads

@Suite("A topic is captured as it is") struct ArchiverTests {
  /// An archive store of its own, and what a test does with it.
  struct Archive {
    let broker: Broker
    let path: String
    let store: VolumeStore
    var options = CaptureOptions()

    init(_ broker: Broker, at path: String? = nil) throws {
      self.broker = broker
      self.path = try path ?? TemporaryDirectory.make("archive")
      store = try VolumeStore(root: self.path)
    }

    func capture(_ topic: String) async throws -> CaptureReport {
      try await Archiver(broker.configuration, into: store, options: options).capture(topic)
    }

    func open(_ topic: String) throws -> ArchivedTopic { try ArchiveReader(store).open(topic) }

    /// The archived records as a consumer would show them.
    func records(_ topic: String, _ partition: Int32 = 0) throws -> [ConsumedRecord] {
      let reader = try open(topic).reader(partition)
      let inflater = try BatchInflater()
      let slot = try RecordBuffer()
      var records: [ConsumedRecord] = []
      while let batch = try reader.next() {
        try inflater.inflate(batch, into: slot)
        var cursor = batch.records(slot)
        while let record = try cursor.next() {
          var headers: [KafkaHeader] = []
          var cursor = record.headers
          while let header = try cursor.next() {
            headers.append(KafkaHeader(String(decoding: header.name, as: UTF8.self), header.value.map(Array.init)))
          }
          records.append(
            ConsumedRecord(
              topic: topic, partition: partition, offset: record.offset, timestamp: record.timestamp,
              timestampType: batch.timestampType == .logAppendTime ? .logAppendTime : .createTime,
              key: record.key.map(Array.init), value: record.value.map(Array.init), headers: headers))
        }
      }
      return records
    }
  }

  private func send(_ broker: Broker, _ records: [OutgoingRecord]) async throws {
    let producer = try Producer(broker.configuration)
    _ = try await producer.send(records)
    await producer.close()
  }

  private func record(_ topic: String, _ number: Int, partition: Int32 = 0) -> OutgoingRecord {
    OutgoingRecord(
      topic: topic, partition: partition, key: Array("key \(number)".utf8), value: Array("value \(number)".utf8),
      timestamp: 1_700_000_000_000 + Int64(number))
  }

  @Test(
    "Every partition, null and empty parts, headers, configuration and bounds", .broker(), arguments: BrokerKind.here())
  func everything(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(partitions: 3, configuration: ["max.message.bytes": "123456"])
    let odd: [OutgoingRecord] = [
      OutgoingRecord(topic: topic, partition: 0, key: nil, value: [], timestamp: 5),
      OutgoingRecord(topic: topic, partition: 0, key: [], value: nil, timestamp: 3),
      OutgoingRecord(
        topic: topic, partition: 0, key: [0], value: [1, 2],
        headers: [KafkaHeader("a", nil), KafkaHeader("a", "x"), KafkaHeader("", [])], timestamp: 9),
    ]
    try await send(broker, odd + (0..<500).map { record(topic, $0, partition: 1) })
    let archive = try Archive(broker)
    let report = try await archive.capture(topic)
    #expect(report.records == 503)
    let archived = try archive.open(topic)
    #expect(archived.partitionCount == 3)
    #expect(archived.index.bounds == [0..<3, 0..<500, 0..<0])
    #expect(archived.index.configuration["max.message.bytes"] == "123456")
    #expect(archived.index.configuration["retention.ms"] == "-1")
    for partition in 0..<Int32(3) {
      #expect(
        try await archive.records(topic, partition) == broker.readAll(TopicPartition(topic, partition)))
    }
    #expect(try archived.verify().isIntact)
  }

  @Test("The next capture adds what came since, and an idle one nothing", .broker(), arguments: BrokerKind.here())
  func resumes(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let archive = try Archive(broker)
    try await send(broker, (0..<100).map { record(topic, $0) })
    #expect(try await archive.capture(topic).records == 100)
    try await send(broker, (100..<150).map { record(topic, $0) })
    #expect(try await archive.capture(topic).records == 50)
    #expect(try await archive.capture(topic).records == 0)
    #expect(try await archive.records(topic) == broker.readAll(TopicPartition(topic, 0)))
    #expect(try archive.open(topic).partition(0).segments.count == 2)
    #expect(try archive.open(topic).verify().isIntact)
  }

  @Test(
    "A topic is followed as it grows; kill -9 in between costs no record and repeats none, and SIGTERM ends it in order",
    .broker(), arguments: BrokerKind.here())
  func follows(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(partitions: 2)
    let archive = try Archive(broker)
    func follow() throws -> ChildProcess {
      try Program.thaw.start(
        ["archive", topic, "--to", archive.path, "--follow", "--every", "100ms", "-b", broker.bootstrapServers],
        streams: "</dev/null >>\(archive.path)/.log 2>&1")
    }
    func log() -> String { (try? readFile("\(archive.path)/.log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    func awaitRecords(_ count: Int64) async throws {
      let came = try await eventually(within: .seconds(60)) { ((try? archive.open(topic))?.records ?? 0) >= count }
      try #require(came, "\(count) records: \(log())")
    }
    let first = try follow()
    for round in 0..<6 {
      let numbers = (round * 100)..<(round * 100 + 100)
      try await send(broker, numbers.map { record(topic, $0, partition: Int32($0 % 2)) })
      // In the midst of whatever it does.
      if round < 3 { try await awaitRecords(Int64(round) * 100 + 100) }
      if round == 4 { first.send(SIGKILL) }
    }
    #expect(await first.ended() == .killed(signal: SIGKILL))
    let second = try follow()
    try await awaitRecords(600)
    try await send(broker, (600..<650).map { record(topic, $0) })
    try await awaitRecords(650)
    second.send(SIGTERM)
    #expect(await second.ended() == .exited(code: 0), "\(log())")
    for partition in [Int32(0), 1] {
      #expect(try await archive.records(topic, partition) == broker.readAll(TopicPartition(topic, partition)))
    }
    #expect(try archive.open(topic).verify().isIntact)
  }

  @Test(
    "A follower goes on past an open transaction and past partitions added, and tells a topic made anew",
    .broker(.lastStableOffset),
    arguments: BrokerKind.here(with: [.lastStableOffset]))
  func followsOddly(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    var archive = try Archive(broker)
    archive.options.patience = .seconds(3)
    try await send(broker, (0..<10).map { record(topic, $0) })
    let archiver = Archiver(broker.configuration, into: archive.store, options: archive.options)
    let ended = Locked<ArchiverError?>(nil)
    let following = Task {
      do throws(ArchiverError) {
        try await archiver.follow(topic, every: .milliseconds(100), until: { Task.isCancelled }, tell: { _ in })
      } catch { ended.withLock { $0 = error } }
    }
    func awaitRecords(_ count: Int64) async throws {
      #expect(try await eventually(within: .seconds(60)) { ((try? archive.open(topic))?.records ?? 0) >= count })
    }
    try await awaitRecords(10)
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("tx"))
    let open = record(topic, 10)
    try await producer.onThread { producer in
      try producer.initTransactions(timeout: .seconds(30))
      try producer.begin()
      try producer.produce(open)
      _ = try producer.flush(timeout: .seconds(20))
    }
    try await send(broker, [record(topic, 11)])
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.commit(timeout: .seconds(20))
    }
    try await awaitRecords(12)
    #expect(try await archive.records(topic) == broker.readAll(TopicPartition(topic, 0)))
    #expect(ended.withLock { $0 } == nil)
    // Made anew, and filled beyond where the archive ends: the last record archived is not the topic's.
    let admin = try Admin(broker.configuration)
    try await admin.onThread { try $0.deleteTopics([topic], timeout: .seconds(20)) }
    await following.value
    switch ended.withLock({ $0 }) {
    case .noSuchTopic(topic), .recreated(topic, _): break
    case let other: Issue.record("\(String(describing: other))")
    }
    _ = try await admin.onThread { $0.close() }
    #expect(try archive.open(topic).records == 12)
  }

  @Test("A round's first record behind the last one archived is compared with it")
  func anew() throws {
    let store = try VolumeStore(root: try TemporaryDirectory.make("archive"))
    let writer = try TopicArchiveWriter(store, topic: "orders")
    let capture = try PartitionCapture(
      TopicPartition("orders", 0), bounds: 20..<20, isCompacted: false, try writer.writer(0, startOffset: 20), last: nil
    )
    try TestRecord(plain: 20).lend { try writer.writer(0, startOffset: 20).append($0, .createTime) }
    #expect(capture.phase == .done)
    // Grown: from the record to compare on. Shorter: another topic. Cut by retention: a loss, nothing to compare.
    try capture.extend(to: 20..<25)
    #expect(capture.fetchOffset == 20 && capture.phase == .pending)
    #expect(throws: ArchiverError.self) { try capture.check(0..<19) }
    let other = try PartitionCapture(
      TopicPartition("orders", 1), bounds: 5..<5, isCompacted: false, try writer.writer(1, startOffset: 5), last: nil)
    try other.extend(to: 8..<9)
    #expect(other.losses == [5..<8] && other.fetchOffset == 8 && other.phase == .pending)
  }

  @Test("A topic made anew is told from the archived one", .broker(), arguments: BrokerKind.here())
  func recreated(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let archive = try Archive(broker)
    try await send(broker, (0..<20).map { record(topic, $0) })
    _ = try await archive.capture(topic)
    let before = try archive.open(topic)
    // Shorter, then just as long and longer, with other records.
    for count in [5, 20, 30] {
      let admin = try Admin(broker.configuration)
      try await admin.onThread { admin in
        defer { admin.close() }
        try admin.deleteTopics([topic], timeout: .seconds(20))
      }
      #expect(
        try await eventually {
          let admin = try Admin(broker.configuration)
          return try await admin.onThread { admin in
            defer { admin.close() }
            do {
              try admin.createTopics([NewTopic(topic, configuration: ["retention.ms": "-1"])], timeout: .seconds(20))
              return true
            } catch let error as KafkaError where error.code == .topicAlreadyExists {
              return false
            }
          }
        })
      try await send(broker, (0..<count).map { record(topic, 1_000 + $0) })
      await #expect {
        _ = try await archive.capture(topic)
      } throws: { error in
        if case .recreated(topic, _)? = error as? ArchiverError { true } else { false }
      }
    }
    #expect(try archive.open(topic).digest == before.digest)
  }

  @Test("Aborted records are left out, their offsets are gaps", .broker(), arguments: BrokerKind.here())
  func aborted(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let records = (0..<30).map { record(topic, $0) }
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("tx"))
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.initTransactions(timeout: .seconds(30))
      for (round, commits) in [true, false, true, false].enumerated() {
        try producer.begin()
        for record in records[(round * 5)..<(round * 5 + 5)] { try producer.produce(record) }
        _ = try producer.flush(timeout: .seconds(20))
        if commits { try producer.commit(timeout: .seconds(20)) } else { try producer.abort(timeout: .seconds(20)) }
      }
    }
    let archive = try Archive(broker)
    #expect(try await archive.capture(topic).records == 10)
    let captured = try archive.records(topic)
    #expect(try await captured == broker.readAll(TopicPartition(topic, 0)))
    #expect(captured.map(\.value) == (Array(0..<5) + Array(10..<15)).map { records[$0].value })
    // The aborted tail and its marker are behind us.
    #expect(try archive.open(topic).partition(0).endOffset == archive.open(topic).index.bounds[0].upperBound)
  }

  @Test(
    "An open transaction below the bound is a shortfall, and the capture goes on after it", .broker(.lastStableOffset),
    arguments: BrokerKind.here(with: [.lastStableOffset]))
  func shortfall(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    try await send(broker, (0..<10).map { record(topic, $0) })
    let producer = try TransactionalProducer(broker.configuration, transactionalID: uniqueName("tx"))
    let open = record(topic, 10)
    try await producer.onThread { producer in
      try producer.initTransactions(timeout: .seconds(30))
      try producer.begin()
      try producer.produce(open)
      _ = try producer.flush(timeout: .seconds(20))
    }
    try await send(broker, (11..<20).map { record(topic, $0) })
    var archive = try Archive(broker)
    archive.options.patience = .seconds(2)
    await #expect {
      _ = try await archive.capture(topic)
    } throws: { error in
      guard case .shortfall(topic, let partitions)? = error as? ArchiverError else { return false }
      return partitions == [.init(partition: 0, reached: 10, bound: 20)]
    }
    #expect(try archive.records(topic).count == 10)
    #expect(try archive.open(topic).index.bounds == [0..<10])
    try await producer.onThread { producer in
      defer { producer.close() }
      try producer.commit(timeout: .seconds(20))
    }
    #expect(try await archive.capture(topic).records == 10)
    #expect(try await archive.records(topic) == broker.readAll(TopicPartition(topic, 0)))
  }

  @Test("A change of who sets the time begins a new segment", .broker(.timestampLimits))
  func timestampType() async throws {
    let broker = try await Broker.shared(.apache)
    let topic = try await broker.makeTopic()
    try await send(broker, [record(topic, 0)])
    let admin = try Admin(broker.configuration)
    try await admin.onThread { admin in
      defer { admin.close() }
      try admin.setConfig(
        ofTopic: topic, ["message.timestamp.type": "LogAppendTime"], timeout: .seconds(20))
    }
    try await send(broker, [record(topic, 1)])
    let archive = try Archive(broker)
    _ = try await archive.capture(topic)
    #expect(try archive.open(topic).partition(0).segments.map(\.timestampType) == [.createTime, .logAppendTime])
    #expect(try await archive.records(topic) == broker.readAll(TopicPartition(topic, 0)))
  }

  @Test("A stopped first capture shows nothing, and the next one completes it", .broker())
  func stopped() async throws {
    let broker = try await Broker.require()
    let topic = try await broker.makeTopic(partitions: 2)
    try await send(broker, (0..<2_000).map { record(topic, $0, partition: Int32($0 % 2)) })
    var archive = try Archive(broker)
    archive.options.limits.batchBytes = 1_000
    archive.options.limits.segmentBytes = 5_000
    archive.options.partitionsAtOnce = 1
    archive.options.progressInterval = .zero
    let archiver = Archiver(broker.configuration, into: archive.store, options: archive.options)
    await #expect {
      _ = try await archiver.capture(topic) { $0.records == 0 }
    } throws: { error in
      if case .cancelled(topic)? = error as? ArchiverError { true } else { false }
    }
    #expect(try ArchiveReader(archive.store).topics() == [])
    _ = try await archive.capture(topic)
    for partition in 0..<Int32(2) {
      #expect(try await archive.records(topic, partition) == broker.readAll(TopicPartition(topic, partition)))
    }
    #expect(try archive.open(topic).verify().unlisted.isEmpty)
  }

  @Test("A topic that does not exist is an error, and is not made", .broker(.noAutoCreation))
  func missing() async throws {
    let broker = try await Broker.shared(.apache)
    let archive = try Archive(broker)
    let topic = uniqueName("absent")
    await #expect {
      _ = try await archive.capture(topic)
    } throws: { error in
      if case .noSuchTopic(topic)? = error as? ArchiverError { true } else { false }
    }
    #expect(try archive.store.list(.root).isEmpty)
  }

  @Test("What retention deleted before it could be read is recorded as lost, once")
  func losses() throws {
    let store = try VolumeStore(root: try TemporaryDirectory.make("archive"))
    let source = TopicPartition("orders", 0)
    func capture(_ bounds: Range<Int64>) throws -> PartitionCapture {
      let writer = try TopicArchiveWriter(store, topic: "orders")
      let capture = try PartitionCapture(
        source, bounds: bounds, isCompacted: false, try writer.writer(0, startOffset: bounds.lowerBound),
        last: try writer.lastRecord(0))
      try writer.commit(
        ArchiveIndex(topic: "orders", partitionCount: 1, configuration: [:], capturedAt: 0, bounds: [bounds]),
        endOffsets: [0: capture.position])
      return capture
    }
    #expect(try capture(20..<20).losses == [])
    #expect(try capture(50..<50).losses == [20..<50])
    #expect(try capture(50..<50).losses == [])
    let later = try capture(60..<90)
    #expect(later.fetchOffset == 60)
    try later.lost(below: 70)
    #expect(later.losses == [50..<60, 60..<70])
    #expect(later.position == 70)
    #expect(try ArchiveReader(store).open("orders").partition(0).losses == [20..<50, 50..<60])
  }
}
