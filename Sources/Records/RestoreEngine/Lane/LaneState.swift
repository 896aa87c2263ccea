import ColdStorage
import Kafka
import RestoreModel

/// The topics and partitions of a lane, as the archive has them and as far as they are.
struct LaneState {
  let lane: PlannedLane
  var topics: [LaneTopic] = []
  var partitions: [LanePartition] = []

  init(_ lane: PlannedLane, _ selection: RestoreSelection, claim: Claim) throws(RunFault) {
    self.lane = lane
    for target in lane.topics {
      guard let selected = selection.topic(target) else {
        let reason = selection.absent.first { $0.mapping.target == target }?.reason
        throw RunFault(
          reason: "UnknownTopic", message: "\(target): \(reason ?? "the document no longer maps this topic")")
      }
      let first = partitions.count
      for source in selected.partitions {
        partitions.append(
          LanePartition(
            topic: topics.count, target: TopicPartition(target.text, source.number), source: source, claim: claim))
      }
      topics.append(LaneTopic(selected, partitions: first..<partitions.count))
    }
  }

  var targets: [TopicPartition] { partitions.map(\.target) }

  /// Positions as they are, under `claim`.
  func positions(claim: Claim) -> [TopicPartition: CommittedPosition] {
    var positions: [TopicPartition: CommittedPosition] = [:]
    for partition in partitions {
      var position = partition.position
      position.claim = claim
      positions[partition.target] = CommittedPosition(offset: position.nextOffset, metadata: position.metadata)
    }
    return positions
  }

  /// Counts what was restored before, so that a resumed run shows what the whole run has done. Bytes, and records of a segment that is
  /// restored in part, are estimates: they are shown and nothing depends on them.
  mutating func countFigures() throws(ArchiveError) {
    for index in topics.indices {
      var figures = Figures()
      for partition in topics[index].partitions {
        let source = partitions[partition].source
        let totals = try topics[index].selected.archive.totals(
          source.number, source.offsetSelection)
        figures.recordsTotal += totals.records
        figures.bytesTotal += Int64(totals.contentBytes)
        let position = partitions[partition].position
        figures.recordsRestored += position.sent.records
        let (records, bytes) = source.passed(before: position.nextOffset)
        let isFinished = partitions[partition].isFinished
        figures.recordsRead += isFinished ? totals.records : min(totals.records, max(records, position.sent.records))
        figures.bytesRead += isFinished ? Int64(totals.contentBytes) : min(Int64(totals.contentBytes), bytes)
      }
      figures.recordsFiltered = max(0, figures.recordsRead - figures.recordsRestored)
      if figures.recordsRead > 0 {
        let share = Double(figures.recordsRestored) / Double(figures.recordsRead)
        figures.bytesRestored = Int64(Double(figures.bytesRead) * share)
      }
      topics[index].figures = figures
    }
  }
}

extension SelectedPartition {
  /// About how many records, and bytes of them, the selection has before `offset`.
  fileprivate func passed(before offset: Int64) -> (records: Int64, bytes: Int64) {
    var passed = (records: 0.0, bytes: 0.0)
    for segment in index.segments where segment.baseOffset < offset && segment.lastOffset >= offsets.lowerBound {
      let from = max(segment.baseOffset, offsets.lowerBound)
      let until = min(segment.lastOffset + 1, offset)
      guard until > from else { continue }
      let share = Double(until - from) / Double(segment.lastOffset + 1 - segment.baseOffset)
      passed.records += Double(segment.records) * share
      passed.bytes += Double(segment.contentBytes) * share
    }
    return (Int64(passed.records), Int64(passed.bytes))
  }
}
