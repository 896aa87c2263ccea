import Kafka
import TestSupport
import Testing
import Threads

@Suite("A member of a group")
struct GroupTests {
  private let patience = Duration.seconds(20)

  @Test(
    "It is assigned its partitions, proves itself in a transaction, and gives them back", .broker(),
    arguments: BrokerKind.here())
  func membership(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic(partitions: 2)
    let partitions = Set((0..<2).map { TopicPartition(topic, Int32($0)) })
    let group = uniqueName("group")
    let member = try GroupConsumer(broker.configuration, group: group, instanceID: "one", membershipOnly: true)
    let producer = try TransactionalProducer(broker.configuration, transactionalID: group)
    let admin = try Admin(broker.configuration)
    try await member.onThread { member in
      defer {
        member.close()
        producer.close()
        admin.close()
      }
      try member.subscribe(to: [topic])
      let added = try Self.waitForAssignment(of: member, patience)
      #expect(added == partitions)
      #expect(try member.assignment() == partitions)
      try producer.initTransactions(timeout: patience)
      try producer.begin()
      let position = CommittedPosition(offset: 3, metadata: "s=1")
      try producer.sendOffsets([TopicPartition(topic, 0): position], group: member.metadata(), timeout: patience)
      try producer.commit(timeout: patience)
      #expect(
        try admin.committedPositions(of: group, partitions: Array(partitions), timeout: patience)
          == [TopicPartition(topic, 0): position])
      try member.commit([TopicPartition(topic, 1): CommittedPosition(offset: 0)])
      let revoked = try member.leave(timeout: patience).compactMap { event -> Set<TopicPartition>? in
        guard case .revoked(let partitions) = event else { return nil }
        return partitions
      }
      #expect(revoked == [partitions])
      #expect(try member.assignment().isEmpty)
    }
  }

  @Test(
    "A member reads on from the committed position, and from where it seeks to", .broker(), arguments: BrokerKind.here()
  )
  func reading(kind: BrokerKind) async throws {
    let broker = try await Broker.shared(kind)
    let topic = try await broker.makeTopic()
    let partition = TopicPartition(topic, 0)
    let producer = try Producer(broker.configuration)
    _ = try await producer.send((0..<5).map { OutgoingRecord(topic: topic, partition: 0, value: [$0]) })
    await producer.close()
    let group = uniqueName("group")
    let admin = try Admin(broker.configuration)
    let member = try GroupConsumer(broker.configuration, group: group)
    try await member.onThread { member in
      defer {
        member.close()
        admin.close()
      }
      try admin.commit([partition: CommittedPosition(offset: 3)], toMemberlessGroup: group, timeout: patience)
      try member.subscribe(to: [topic])
      #expect(try Self.read(member, patience) == [3, 4])
      try member.seek(partition, to: 1, timeout: patience)
      #expect(try Self.read(member, patience) == [1, 2, 3, 4])
    }
  }

  @Test("A membership-only member is brought no record", .broker())
  func paused() async throws {
    let broker = try await Broker.require()
    let topic = try await broker.makeTopic()
    let group = uniqueName("group")
    let admin = try Admin(broker.configuration)
    let producer = try Producer(broker.configuration)
    _ = try await producer.send(OutgoingRecord(topic: topic, partition: 0, value: [1]))
    await producer.close()
    let member = try GroupConsumer(broker.configuration, group: group, membershipOnly: true)
    try await member.onThread { member in
      defer {
        member.close()
        admin.close()
      }
      try admin.commit(
        [TopicPartition(topic, 0): CommittedPosition(offset: 0)], toMemberlessGroup: group, timeout: patience)
      try member.subscribe(to: [topic])
      _ = try Self.waitForAssignment(of: member, patience)
      for event in try member.poll(timeout: .milliseconds(500)) {
        if case .consumed(let event) = event { Issue.record("\(event)") }
      }
      try member.resume([TopicPartition(topic, 0)])
      #expect(try Self.read(member, patience) == [0])
    }
  }

  @Test("Two members share the partitions; who stays hears of each rebalance", .broker(.rebalancing))
  func rebalance() async throws {
    let broker = try await Broker.require([.rebalancing])
    let topic = try await broker.makeTopic(partitions: 2)
    let group = uniqueName("group")
    let first = try GroupConsumer(broker.configuration, group: group, membershipOnly: true)
    let second = try GroupConsumer(broker.configuration, group: group, membershipOnly: true)
    try await first.onThread { first in
      defer {
        first.close()
        second.close()
      }
      try first.subscribe(to: [topic])
      #expect(try Self.waitForAssignment(of: first, patience).count == 2)
      try second.subscribe(to: [topic])
      var (revoked, added) = (Set<TopicPartition>(), Set<TopicPartition>())
      let end = ContinuousClock.now + patience
      while added.isEmpty, ContinuousClock.now < end {
        for case .revoked(let gone) in try first.poll(timeout: .milliseconds(50)) { revoked.formUnion(gone) }
        for case .assigned(let new) in try second.poll(timeout: .milliseconds(50)) { added.formUnion(new) }
      }
      #expect(added.count == 1)
      #expect(revoked == added)
      #expect(try first.assignment().count == 1)
    }
  }

  @Test("A commit with the identity of a generation that is over is refused", .broker(.groupFencing))
  func staleGeneration() async throws {
    let broker = try await Broker.require([.groupFencing])
    let topic = try await broker.makeTopic()
    let group = uniqueName("group")
    let old = try GroupConsumer(broker.configuration, group: group, instanceID: "same", membershipOnly: true)
    let new = try GroupConsumer(broker.configuration, group: group, instanceID: "same", membershipOnly: true)
    let producer = try TransactionalProducer(broker.configuration, transactionalID: group)
    let error: KafkaError? = try await old.onThread { old in
      defer {
        old.abandon()
        new.close()
        producer.close()
      }
      try old.subscribe(to: [topic])
      _ = try Self.waitForAssignment(of: old, patience)
      let identity = try old.metadata()
      try new.subscribe(to: [topic])
      _ = try Self.waitForAssignment(of: new, patience)
      try producer.initTransactions(timeout: patience)
      try producer.begin()
      let refusal = failure {
        try producer.sendOffsets(
          [TopicPartition(topic, 0): CommittedPosition(offset: 1)], group: identity, timeout: patience)
      }
      try producer.abort(timeout: patience)
      return refusal
    }
    #expect(error?.code == .fencedInstanceID || error?.code == .unknownMember || error?.code == .illegalGeneration)
    #expect(error?.disposition == .abortable || error?.disposition == .fenced)
  }

  @Test("A member whose instance id another uses is told that it is fenced", .broker(.groupFencing))
  func fencedInstance() async throws {
    let broker = try await Broker.require([.groupFencing])
    let topic = try await broker.makeTopic()
    let group = uniqueName("group")
    let old = try GroupConsumer(broker.configuration, group: group, instanceID: "same", membershipOnly: true)
    let new = try GroupConsumer(broker.configuration, group: group, instanceID: "same", membershipOnly: true)
    let error: KafkaError? = try await old.onThread { old in
      defer {
        old.abandon()
        new.close()
      }
      try old.subscribe(to: [topic])
      _ = try Self.waitForAssignment(of: old, patience)
      try new.subscribe(to: [topic])
      _ = try Self.waitForAssignment(of: new, patience)
      let end = ContinuousClock.now + patience
      while ContinuousClock.now < end {
        for case .consumed(.failed(_, let error)) in try old.poll(timeout: .milliseconds(100)) where error.isFatal {
          return error
        }
      }
      return nil
    }
    #expect(error?.code == .fencedInstanceID)
    #expect(error?.disposition == .fenced)
  }

  @Test("Clients dropped without a close end by themselves", .broker(), .timeLimit(.minutes(1)))
  func dropped() async throws {
    let broker = try await Broker.require()
    let topic = try await broker.makeTopic()
    let (ended, continuation) = AsyncStream.makeStream(of: Int.self)
    var configuration = broker.configuration
    let token = Token { continuation.yield(1) }
    configuration.log = { _ in withExtendedLifetime(token) {} }
    try await Self.useAndDrop(configuration, topic)
    configuration.log = nil
    _ = consume token
    var count = 0
    for await _ in ended {
      count += 1
      break
    }
    #expect(count == 1)
  }

  private static func useAndDrop(_ configuration: KafkaConfiguration, _ topic: String) async throws {
    let consumer = try Consumer(configuration, isolation: .readCommitted)
    let member = try GroupConsumer(configuration, group: uniqueName("group"), membershipOnly: true)
    let producer = try Producer(configuration)
    _ = try await producer.send(OutgoingRecord(topic: topic, partition: 0, value: [1]))
    try await consumer.onThread { consumer in
      try consumer.start(TopicPartition(topic, 0), at: .beginning)
      _ = try consumer.poll(timeout: .seconds(5))
      try member.subscribe(to: [topic])
      _ = try waitForAssignment(of: member, .seconds(20))
    }
  }

  private static func waitForAssignment(of member: GroupConsumer, _ patience: Duration) throws -> Set<TopicPartition> {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      for case .assigned(let added) in try member.poll(timeout: .milliseconds(100)) where !added.isEmpty {
        return added
      }
    }
    return []
  }

  /// The offsets read until the end of the partition.
  private static func read(_ member: GroupConsumer, _ patience: Duration) throws -> [Int64] {
    var offsets: [Int64] = []
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      for case .consumed(let event) in try member.poll(timeout: .milliseconds(100)) {
        switch event {
        case .record(let record): offsets.append(record.offset)
        case .endOfPartition: return offsets
        case .failed(_, let error): throw error
        }
      }
    }
    return offsets
  }
}

/// Tells when nothing holds it any more.
private final class Token: Sendable {
  private let gone: @Sendable () -> Void
  init(_ gone: @escaping @Sendable () -> Void) { self.gone = gone }
  deinit { gone() }
}
