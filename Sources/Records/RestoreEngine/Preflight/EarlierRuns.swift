import Kafka
import RestoreModel

/// Finds out whether a target was restored into before: deleting a Restore and applying it again would double the data. As far back as the
/// sink keeps positions.
struct EarlierRuns {
  private let assignment: Assignment

  init(_ assignment: Assignment) { self.assignment = assignment }

  func look(
    for topics: [SelectedTopic], _ admin: Admin
  ) throws(WorkInterruption) -> (failures: [String], warnings: [String]) {
    var found = (failures: [String](), warnings: [String]())
    let partitions = topics.flatMap { topic in
      topic.partitions.map { TopicPartition(topic.target.text, $0.number) }
    }
    guard !partitions.isEmpty else { return found }
    do {
      for group in try admin.listGroups(timeout: TargetCluster.timeout) where group != assignment.names.group {
        try assignment.control.check()
        guard let (uid, run) = RunNames.parse(group: group) else { continue }
        let touched = try restoredTopics(group, partitions, admin)
        for topic in touched {
          if uid == assignment.item.id.uid {
            found.warnings.append("\(topic): run \(run) of this Restore restored into it before")
          } else {
            found.failures.append(
              "\(topic): another Restore has restored into these partitions, or does so now (positions of group \(group)), "
                + "so the records would be there twice; empty the topic and delete that group if this is wanted")
          }
        }
      }
    } catch {
      throw WorkInterruption(error, doing: "looking for earlier restores")
    }
    return found
  }

  /// Topics of which the group has a position of ours, behind which something was sent.
  private func restoredTopics(
    _ group: String, _ partitions: [TopicPartition], _ admin: Admin
  ) throws -> [String] {
    let positions: [TopicPartition: CommittedPosition]
    do {
      positions = try admin.committedPositions(of: group, partitions: partitions, timeout: .seconds(5))
    } catch {
      guard error.code == .unstableOffsetCommit || error.code == .timedOut else {
        throw WorkInterruption(
          error, doing: "looking for earlier restores", needing: .positions(group: group, partitions.map(\.topic)))
      }
      // A transaction with positions of this group is open: it is at work at this moment.
      return Set(partitions.map(\.topic)).sorted()
    }
    let ours = positions.filter { _, position in
      LanePosition(offset: position.offset, metadata: position.metadata) != nil
    }
    return Set(ours.keys.map(\.topic)).sorted()
  }
}
