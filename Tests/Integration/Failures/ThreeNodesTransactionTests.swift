import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing

extension ThreeNodesTests {
  enum Part: String, CaseIterable, CustomTestStringConvertible {
    case targetLeader, laneCoordinator, groupCoordinator
    var testDescription: String { rawValue }

    /// Where the transaction stands when it dies: what comes next needs it.
    var step: StepPoints.Step {
      switch self {
      case .targetLeader: .beganTransaction
      case .laneCoordinator: .sentPositions
      case .groupCoordinator: .drained
      }
    }
  }

  @Test(
    "A node killed -9 in an open transaction and gone for the rest of the run: every record exactly once, in order, verified",
    .broker(.threeNodes), arguments: Part.allCases)
  func inTransaction(part: Part) async throws {
    let broker = try await Broker.threeNodes()
    let archive = try TestArchive()
    let records = RestoreExpectations.varied(1000, size: 3)
    try archive.write("orders", [records, records])
    let target = try await broker.makeTopic("target", partitions: 2)
    let gate = Gate(part.step, 2)
    let harness = RestoreHarness(
      broker.bootstrapServers, archive, config: RestoreExpectations.config([("orders", target)]),
      transactions: RestoreTakeOverTests.bounds, steps: gate.steps)
    try await harness.prepare()
    try #require(harness.now.faults == [])
    let lane = try #require(harness.now.plan?.lanes.first?.id)
    harness.want(.lanes)
    try await gate.awaitArrival()
    let node =
      switch part {
      case .targetLeader: try await Self.leader(of: TopicPartition(target, 0), in: broker)
      case .laneCoordinator: try await Self.coordinator(ofTransactions: "\(harness.group).\(lane)", in: broker)
      case .groupCoordinator: try await Self.coordinator(ofGroup: harness.group, in: broker)
      }
    await node.kill()
    gate.open()
    try await harness.wait("the end", within: .seconds(180)) { $0.restored.isEmpty && $0.faults.isEmpty ? nil : true }
    #expect(harness.now.faults == [])
    for partition in [Int32(0), 1] { try await RestoreExpectations.expect(records, in: broker, target, partition) }
    let receipt = try await harness.verify()
    #expect(receipt.verdict == .digestsMatch, "\(receipt)")
    await harness.stop()
    try await Self.restart(node, of: broker)
  }
}
