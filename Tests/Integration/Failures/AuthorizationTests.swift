import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

/// What the sink's user may not do is named, before a run or in its midst: the operation and the resource in Kafka's words.
@Suite("A sink that refuses")
struct AuthorizationTests {
  typealias Expect = RestoreExpectations

  static let sink = Task { try await Broker.own(.apache, properties: Broker.guarded) }

  struct Scene {
    let broker: Broker
    let target: String
    let records: [TestRecord]
    let gate: Gate
    let harness: RestoreHarness

    init(_ delivery: Delivery = .exactlyOnce) async throws {
      broker = try await AuthorizationTests.sink.value
      let archive = try TestArchive()
      records = Expect.varied(1000, size: 3)
      try archive.write("orders", [records, records])
      target = try await broker.makeTopic("target", partitions: 2)
      gate = Gate(.committed, 2)
      var config = Expect.config([("orders", target)])
      config.delivery = delivery
      harness = RestoreHarness(
        broker.bootstrapServers, archive, config: config,
        transactions: TransactionBounds(interval: .seconds(1), bytes: 10_000, timeout: .seconds(20)), steps: gate.steps,
        patience: .seconds(20))
    }

    /// What the name of such a resource of this run begins with.
    func name(_ resource: GuardedResource) -> String {
      switch resource {
      case .topic: target
      case .group, .transactionalID: harness.group
      case .cluster: "kafka-cluster"
      }
    }

    func awaitFault() async throws -> RunFault {
      try await harness.wait("the refusal", within: .seconds(90)) { $0.faults.first }
    }

    func expectNamed(_ message: String, _ operation: AccessOperation, _ resource: GuardedResource) {
      let kind = resource == .transactionalID ? "transactional id" : "\(resource)"
      let words = "\(operation)".reduce("") { $0 + ($1.isUppercase ? "_" : "") + $1.uppercased() }
      #expect(message.contains("\(words) on \(kind) \(name(resource))"), "\(message)")
    }
  }

  @Test(
    "Refused at the preflight, the run fails before it begins; allowed, the same run is tried again",
    .broker(.durability),
    arguments: [
      (.describeConfigs, .topic), (.describe, .topic), (.read, .topic), (.write, .topic), (.describe, .group),
      (.read, .group), (.write, .transactionalID),
    ] as [(AccessOperation, GuardedResource)])
  func preflight(_ operation: AccessOperation, _ resource: GuardedResource) async throws {
    let scene = try await Scene()
    try scene.broker.deny(operation, on: resource, scene.name(resource))
    try await scene.harness.prepare()
    let said = scene.harness.now
    let message = (said.faults.map(\.message) + (said.preflight?.failures ?? [])).joined(separator: "; ")
    scene.expectNamed(message, operation, resource)
    #expect(said.positioned.isEmpty)
    try scene.broker.allow(resource, scene.name(resource))
    scene.harness.raiseClaim()
    scene.harness.state.change { ($0.preflight, $0.preflightFailed) = (nil, false) }
    try await scene.harness.prepare()
    #expect(scene.harness.now.preflight?.failures == [] && scene.harness.now.faults == [])
    await scene.harness.stop()
  }

  @Test(
    "Taken away in mid-run, the run fails; given back, a retry goes on where it stopped, every record exactly once",
    .broker(.durability),
    arguments: [(.write, .topic), (.read, .topic), (.read, .group), (.write, .transactionalID)]
      as [(AccessOperation, GuardedResource)])
  func inMidst(_ operation: AccessOperation, _ resource: GuardedResource) async throws {
    let scene = try await Scene()
    try await scene.harness.prepare()
    scene.harness.want(.lanes)
    try await scene.gate.awaitArrival()
    try scene.broker.deny(operation, on: resource, scene.name(resource))
    scene.gate.open()
    let fault = try await scene.awaitFault()
    #expect(fault.reason == "AuthorizationFailed", "\(fault)")
    scene.expectNamed(fault.message, operation, resource)
    try scene.broker.allow(resource, scene.name(resource))
    scene.harness.raiseClaim()
    scene.harness.want(.lanes)
    try await scene.harness.finish()
    #expect(scene.harness.now.faults == [])
    for partition in [Int32(0), 1] { try await Expect.expect(scene.records, in: scene.broker, scene.target, partition) }
    let receipt = try await scene.harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await scene.harness.stop()
  }

  @Test(
    "With at-least-once, too: what is refused is named, and allowed again nothing is missing", .broker(.durability),
    arguments: [(.write, .topic), (.read, .group)] as [(AccessOperation, GuardedResource)])
  func atLeastOnce(_ operation: AccessOperation, _ resource: GuardedResource) async throws {
    let scene = try await Scene(.atLeastOnce)
    try await scene.harness.prepare()
    scene.harness.want(.lanes)
    try await scene.gate.awaitArrival()
    try scene.broker.deny(operation, on: resource, scene.name(resource))
    scene.gate.open()
    let fault = try await scene.awaitFault()
    #expect(fault.reason == "AuthorizationFailed", "\(fault)")
    scene.expectNamed(fault.message, operation, resource)
    try scene.broker.allow(resource, scene.name(resource))
    scene.harness.raiseClaim()
    scene.harness.want(.lanes)
    try await scene.harness.finish()
    #expect(scene.harness.now.faults == [])
    let found = try await scene.broker.readAll(TopicPartition(scene.target, 0)).map(\.timestamp)
    #expect(Set(found) == Set(scene.records.map(\.timestamp)))
    await scene.harness.stop()
  }
}
