import ControlPlane
import ControlTopics
import Kafka
import KafkaLog
import Logging
import TestSupport
import Testing
import Threads

@Suite("The position that goes out beside its decision's records")
struct PositionBesideRecordsTests {
  @Test(
    "It says where the records lie, known or guessed, right or wrong", .broker(.groupFencing),
    arguments: [BrokerKind.apache])
  func guesses(_ kind: BrokerKind) async throws {
    let installation = try await ControlPlaneInstallation(kind)
    let log = try await KafkaLog.open(
      installation.settings(instance: "one"), logger: Logger("log", to: installation.logs))
    let term = try await log.takeOver()
    let record = RecordEncoder(installation: "one", epoch: 1).installation(sequence: 1)
    var asked: [Int] = []
    for position in Int64(1)...4 {
      if position == 3 { try await writeAsForeigner(installation) }
      let calls = Locked(0)
      let written = try await term.commit([record], position: position) { written in
        calls.withLock { $0 += 1 }
        return "\(written[.specs] ?? -1)"
      }
      asked.append(calls.withLock { $0 })
      let offset = try #require(written[.specs])
      #expect(try await end(of: installation) == offset + 2, "a record and its transaction's marker")
      let committed = try await committed(in: installation)
      #expect(committed == CommittedPosition(offset: position, metadata: Array("\(offset)".utf8)))
    }
    #expect(asked == [1, 1, 2, 1], "unknown, guessed right, guessed wrong, right again")
    await log.leave()
  }

  private func writeAsForeigner(_ installation: ControlPlaneInstallation) async throws {
    let producer = try Producer(installation.broker.configuration)
    _ = try await producer.send(
      OutgoingRecord(topic: installation.naming.name(of: .specs), partition: 0, key: [65], value: [65]))
    await producer.close()
  }

  /// Once every transaction's marker is written.
  private func end(of installation: ControlPlaneInstallation) async throws -> Int64 {
    let topic = TopicPartition(installation.naming.name(of: .specs), 0)
    return try await Admin(installation.broker.configuration).onThread { admin in
      defer { admin.close() }
      let deadline = ContinuousClock.now + .seconds(30)
      while true {
        let all = try admin.watermarks(of: topic, isolation: .readUncommitted, timeout: .seconds(20)).high
        let stable = try admin.watermarks(of: topic, isolation: .readCommitted, timeout: .seconds(20)).high
        if stable == all || ContinuousClock.now > deadline { return stable }
      }
    }
  }

  private func committed(in installation: ControlPlaneInstallation) async throws -> CommittedPosition? {
    let (group, partition) = (
      installation.naming.owner, TopicPartition(installation.naming.name(of: .commands), 0)
    )
    return try await Admin(installation.broker.configuration).onThread { admin in
      defer { admin.close() }
      return try admin.committedPositions(of: group, partitions: [partition], timeout: .seconds(20))[partition]
    }
  }
}
