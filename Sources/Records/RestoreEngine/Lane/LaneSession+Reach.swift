import ColdStorage
import Kafka
import RestoreModel

// A topic that is deleted and made anew under its name takes records as if nothing had happened, and the run would put the rest of the archive into it.
extension LaneSession {
  /// Throws unless each of these partitions of the lane still reaches to the last record that the run has put into it. Ends of a log never go back, whatever
  /// retention, compaction or DeleteRecords take from its beginning.
  func checkReach(of indexes: some Sequence<Int>) throws(WorkInterruption) {
    let begun = indexes.filter { state.partitions[$0].position.lastTarget >= 0 }
    guard !begun.isEmpty else { return }
    let ends: [TopicPartition: Int64]
    do {
      ends = try sink.ends(of: begun.map { state.partitions[$0].target }, timeout: Self.timeout)
    } catch {
      throw WorkInterruption(
        error, doing: "asking for the ends of \(describe(Set(begun)))",
        needing: .ends(begun.map { state.partitions[$0].target.topic }))
    }
    for index in begun {
      let partition = state.partitions[index]
      guard let end = ends[partition.target], end <= partition.position.lastTarget else { continue }
      throw replaced(partition, "it ends at offset \(end)")
    }
  }

  /// The same of the records that a transaction has just put into a partition, before it is committed.
  func checkReach(of partition: LanePartition, _ range: AcknowledgedRange) throws(WorkInterruption) {
    guard let first = range.first, first <= partition.position.lastTarget else { return }
    throw replaced(partition, "a new record got offset \(first)")
  }

  private func replaced(_ partition: LanePartition, _ evidence: String) -> WorkInterruption {
    let position = partition.position
    return .fatal(
      RunFault(
        reason: "TargetReplaced",
        message: "\(partition.target): \(evidence), but the run had restored records up to offset "
          + "\(position.lastTarget) there: the topic was deleted and made anew, or has lost its end, so "
          + "\(position.sent.records) records restored before may be missing; Restart begins anew, into an empty target"
      ))
  }
}
