import ColdStorage
import Kafka
import RestoreModel
import TestSupport
import Testing
import Threads

@testable import RestoreEngine
import Seeded

@Suite("A lane")
struct LaneTests {
  static let partitions = [
    (0..<500).map { TestRecord(plain: Int64($0) * 3) }, [], (0..<7).map { TestRecord(plain: Int64($0) + 100) },
  ]

  /// Small batches, so that there are many.
  static let limits = PartitionWriter.Limits(segmentBytes: 4096, segmentBatches: 8, batchBytes: 1024)

  static func archive() throws -> TestArchive {
    let archive = try TestArchive()
    try archive.write("orders", partitions, limits: limits)
    return archive
  }

  static func expectWhole(_ run: SimulatedRun) throws {
    for (number, expected) in partitions.enumerated() {
      #expect(run.arrived("orders", Int32(number)) == SimulatedRun.asSent(expected))
      let position = try #require(run.position("orders", Int32(number)))
      #expect(position.sent == (try digest(of: expected)))
      let visible = run.cluster.visible(TopicPartition("orders-copy", Int32(number)))
      #expect(position.firstTarget == visible.first?.offset ?? -1 && position.lastTarget == visible.last?.offset ?? -1)
      #expect(position.nextOffset == (expected.last?.offset ?? -1) + 1)
    }
  }

  @Test("Every record arrives once, in order, with its digest in the positions")
  func straight() async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished)
    try Self.expectWhole(run)
    let figures = try #require(run.restored["orders-copy"])
    #expect(figures.recordsRestored == 507 && figures.recordsTotal == 507 && figures.recordsFiltered == 0)
    #expect(figures.bytesRestored == figures.bytesTotal && figures.bytesTotal > 0)
  }

  static let laneSteps = StepPoints.Step.allCases.filter { $0 != .readBack }

  @Test(
    "A worker that dies at any step is followed by one that sends every record once",
    arguments: Self.laneSteps, [1, 2, 5])
  func kill(_ step: StepPoints.Step, _ time: Int) async throws {
    let run = try SimulatedRun(
      Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]),
      bounds: TransactionBounds(interval: .seconds(1), bytes: 3000))
    let times = Locked(0)
    let first = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) { reached in
      guard reached == step else { return .goOn }
      return times.withLock { times in
        times += 1
        return times == time ? .abandon : .goOn
      }
    }
    let happensOnce: Set<StepPoints.Step> = [
      .tookOver, .fetchedPositions, .sentStartPositions, .committedStartPositions, .sentClaim, .committedClaim,
    ]
    let neverReached = time > 1 && happensOnce.contains(step) || step == .sentClaim || step == .committedClaim
    #expect(first == (neverReached ? .finished : .abandoned))
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 2)) == .finished)
    try Self.expectWhole(run)
    #expect(run.position("orders")?.claim == Claim(2))
  }

  @Test("Lost requests and lost answers lose and double nothing", arguments: 1...40 as ClosedRange<UInt64>)
  func faults(_ seed: UInt64) async throws {
    let random = Locked(SeededGenerator(seed))
    let cluster = SimulatedCluster { operation, call in
      random.withLock { random in
        guard call > 3, Int.random(in: 0..<(operation == .poll ? 200 : 12), using: &random) == 0 else { return nil }
        return Bool.random(using: &random) ? .lostBefore : .lostAfter
      }
    }
    let run = try SimulatedRun(
      Self.archive(), cluster, SimulatedRun.config(["orders"]),
      bounds: TransactionBounds(interval: .seconds(1), bytes: 9000), queue: 50)
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished, "seed \(seed)")
    try Self.expectWhole(run)
  }

  @Test("No record is sent before the control topics know the start positions")
  func handshake() async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    let item = run.item(.lane(LaneID(0)), claim: 1)
    let control = WorkControl(item)
    async let outcome = run.work(item, control, records: false)
    #expect(
      try await eventually {
        run.facts { if case .positioned = $0 { true } else { nil } }.count == 1
      })
    #expect(run.cluster.positions(run.group).count == 3)
    control.stop(.atCheckpoint)
    #expect(try await outcome == .stopped)
    #expect(!run.cluster.sentAnything)
    // The next worker finds the positions, tells again, and goes on.
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished)
    try Self.expectWhole(run)
  }

  @Test("A higher claim in the positions stops the worker before it writes anything")
  func superseded() async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(try await run.work(run.item(.seal(LaneID(0)), claim: 7)) == .finished)
    let before = run.cluster.positions(run.group)
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 6)) == .superseded)
    #expect(run.cluster.positions(run.group) == before)
    #expect(!run.cluster.sentAnything)
    #expect(run.facts { if case .superseded = $0 { true } else { nil } }.count == 1)
  }

  @Test(
    "A worker that was overtaken while it stood still writes nothing more",
    arguments: [
      StepPoints.Step.beganTransaction, .sentRecords, .drained, .sentPositions, .committed,
    ])
  func zombie(_ step: StepPoints.Step) async throws {
    let run = try SimulatedRun(
      Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]),
      bounds: TransactionBounds(interval: .seconds(1), bytes: 3000))
    let gate = Monitor((stands: false, open: false))
    async let first = run.work(run.item(.lane(LaneID(0)), claim: 1)) { reached in
      guard reached == step else { return .goOn }
      gate.change { $0.stands = true }
      _ = gate.wait { $0.open ? true : nil }
      return .goOn
    }
    #expect(try await eventually { gate.read { $0.stands } })
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 2)) == .finished)
    gate.change { $0.open = true }
    #expect(try await first == .superseded)
    try Self.expectWhole(run)
  }

  @Test("Records given up because the fence was lost are no reason to take it back")
  func purged() async throws {
    let gate = Monitor((stands: false, open: false, takeOvers: 0))
    let cluster = SimulatedCluster { operation, _ in
      if operation == .takeOver { gate.change { $0.takeOvers += 1 } }
      return operation == .drain && gate.read { $0.open } ? .purged : nil
    }
    let run = try SimulatedRun(Self.archive(), cluster, SimulatedRun.config(["orders"]))
    async let first = run.work(run.item(.lane(LaneID(0)), claim: 1)) { reached in
      guard reached == .beganTransaction else { return .goOn }
      gate.change { $0.stands = true }
      _ = gate.wait { $0.open ? true : nil }
      return .goOn
    }
    #expect(try await eventually { gate.read { $0.stands } })
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 2)) == .finished)
    gate.change { $0.open = true }
    #expect(try await first == .superseded)
    #expect(gate.read { $0.takeOvers } == 2)
    #expect(run.facts { if case .waiting = $0 { true } else { nil } }.isEmpty)
    try Self.expectWhole(run)
  }

  @Test("Positions that are gone are a failure, all of them or one", arguments: [true, false])
  func missing(_ all: Bool) async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(
      try await run.work(run.item(.lane(LaneID(0)), claim: 1)) { $0 == .committed ? .abandon : .goOn } == .abandoned)
    run.cluster.change(run.group) { positions in
      if all { positions = [:] } else { positions[TopicPartition("orders-copy", 2)] = nil }
    }
    let arrived = run.arrived("orders")
    guard case .failed(let fault) = try await run.work(run.item(.lane(LaneID(0)), claim: 2)) else {
      Issue.record("it went on")
      return
    }
    #expect(fault.reason == "PositionsMissing" && fault.message.contains("orders-copy-2"))
    #expect(run.arrived("orders") == arrived)
  }

  @Test(
    "Positions begun anew after a loss, by a worker that slept through it, are a failure: nothing is sent twice",
    arguments: [false, true])
  func begunAnew(sealing: Bool) async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    // Recorded under claim 2, and on its way.
    #expect(
      try await run.work(run.item(.lane(LaneID(0)), claim: 2)) { $0 == .committed ? .abandon : .goOn } == .abandoned)
    let arrived = run.arrived("orders")
    run.cluster.change(run.group) { $0 = [:] }
    // The one of claim 1 has heard of nothing.
    #expect(
      try await run.work(run.item(.lane(LaneID(0)), claim: 1, positioned: false), records: false) {
        $0 == .committedStartPositions ? .abandon : .goOn
      } == .abandoned)
    #expect(run.position("orders") == LanePosition(nextOffset: 0, claim: Claim(1)))
    if sealing {
      #expect(
        try await run.work(run.item(.seal(LaneID(0)), claim: 3, positioned: true, recorded: 2)) == .finished)
      let warnings = run.facts { if case .sealed(_, let warning?) = $0 { warning } else { nil } }
      #expect(warnings.count == 1, "\(warnings)")
      #expect(run.position("orders").map(\.claim) == Claim(1), "it doesn't pass for true")
    }
    let next = try await run.work(run.item(.lane(LaneID(0)), claim: 4, positioned: true, recorded: 2))
    guard case .failed(let fault) = next else {
      Issue.record("it went on: \(next)")
      return
    }
    #expect(fault.reason == "PositionsMissing")
    #expect(run.arrived("orders") == arrived)
  }

  @Test("A seal commits positions under its claim and sends nothing, whether there were any before or not")
  func seal() async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(try await run.work(run.item(.seal(LaneID(0)), claim: 3), records: false) == .finished)
    #expect(!run.cluster.sentAnything)
    #expect(run.position("orders") == LanePosition(nextOffset: 0, claim: Claim(3)))
    let names = run.known.read { $0.facts }.map {
      Fact(key: ResourceKey(.restore, name: "x"), uid: run.uid, run: 1, claim: Claim(3), content: $0).name
    }
    #expect(names == ["positioned", "sealed"])
  }

  @Test("A lane whose positions are gone is sealed all the same, with a warning, and nobody goes on from the beginning")
  func sealWithoutPositions() async throws {
    let run = try SimulatedRun(Self.archive(), SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(
      try await run.work(run.item(.lane(LaneID(0)), claim: 1)) { $0 == .committed ? .abandon : .goOn } == .abandoned)
    run.cluster.change(run.group) { $0 = [:] }
    let arrived = run.arrived("orders")
    let id = RunNames(prefix: "test.", uid: run.uid, run: 1).transactionalID(LaneID(0))
    let epoch = run.cluster.epoch(id)
    #expect(try await run.work(run.item(.seal(LaneID(0)), claim: 2, positioned: true)) == .finished)
    #expect(run.cluster.epoch(id) > epoch)
    let warnings = run.facts { if case .sealed(_, let warning?) = $0 { warning } else { nil } }
    #expect(warnings.count == 1 && warnings.first?.contains("orders-copy") == true)
    // Whoever slept through it finds no positions, and sends nothing.
    guard case .failed = try await run.work(run.item(.lane(LaneID(0)), claim: 1, positioned: true)) else {
      Issue.record("it went on")
      return
    }
    #expect(run.arrived("orders") == arrived && run.cluster.positions(run.group).isEmpty)
  }

  @Test("What an archive has grown by since the plan is no part of the run, and no reason to stop it")
  func archiveGrown() async throws {
    let archive = try Self.archive()
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(
      try await run.work(run.item(.lane(LaneID(0)), claim: 1)) { $0 == .committed ? .abandon : .goOn } == .abandoned)
    // More records, some where there were none, other settings, and one partition more.
    try archive.write(
      "orders", [[TestRecord(plain: 5000)], [TestRecord(plain: 0)], [TestRecord(plain: 200)], [TestRecord(plain: 1)]],
      configuration: ["retention.ms": "5"], limits: Self.limits)
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 2)) == .finished)
    try Self.expectWhole(run)
    #expect(run.position("orders", 3) == nil)
  }

  @Test("A run goes on only with the archive that it was planned on")
  func archiveChanged() async throws {
    let archive = try Self.archive()
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["orders"]))
    // The same offsets, and more; but one record is another one.
    TemporaryDirectory.remove("\(archive.path)/orders")
    var partitions = Self.partitions
    partitions[0][7].value = [1, 2, 3]
    partitions[0].append(TestRecord(plain: 5000))
    try archive.write("orders", partitions, limits: Self.limits)
    guard case .failed(let fault) = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) else {
      Issue.record("it went on")
      return
    }
    #expect(fault.reason == "ArchiveChanged")
    #expect(!run.cluster.sentAnything && run.cluster.positions(run.group).isEmpty)
  }

  @Test("With one slot, topics are restored one after the other")
  func slots() async throws {
    let archive = try TestArchive()
    for topic in ["a", "b", "c"] {
      try archive.write(topic, [(0..<50).map { TestRecord(plain: $0) }], limits: Self.limits)
    }
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["b", "a", "c"]))
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1, slots: 1)) == .finished)
    let order = run.facts { content in
      switch content {
      case .topicStarted(let topic, _): "+\(topic)"
      case .topicRestored(let topic, _, _): "-\(topic)"
      default: nil
      }
    }
    #expect(order == ["+b-copy", "-b-copy", "+a-copy", "-a-copy", "+c-copy", "-c-copy"])
  }

  @Test("Damage fails the run, names the file, and leaves what was committed")
  func damage() async throws {
    let archive = try Self.archive()
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["orders"]))
    let segments = try archive.reader.open("orders").partitions[0].segments
    let name = "\(archive.path)/orders/0/\(segments[3].file)"
    try flipByte(of: name, at: 100)
    guard case .failed(let fault) = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) else {
      Issue.record("it went on")
      return
    }
    #expect(fault.reason == "DamagedSegment" && fault.message.contains(segments[3].file))
    let arrived = run.arrived("orders")
    #expect(arrived == SimulatedRun.asSent(Array(Self.partitions[0].prefix(arrived.count))))
  }
}
