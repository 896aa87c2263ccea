import ColdStorage
import Kafka
import RestoreModel

/// One target partition of a lane, and how far it is.
struct LanePartition {
  /// Index of the lane's topic.
  let topic: Int
  let target: TopicPartition
  let source: SelectedPartition
  /// As committed last.
  var position: LanePosition
  /// Of the transaction at hand.
  var tally = SendTally()
  /// Everything selected is on its way, or was before.
  var hasEnded = false
  /// The sink's number of it, once it is sent to.
  var sinkTarget: Int?
  var isReading = false

  init(topic: Int, target: TopicPartition, source: SelectedPartition, claim: Claim) {
    self.topic = topic
    self.target = target
    self.source = source
    position = LanePosition(nextOffset: source.offsets.lowerBound, claim: claim)
  }

  /// Committed to its end.
  var isFinished: Bool { position.nextOffset >= source.offsets.upperBound }

  /// The position that a transaction commits with what it has sent.
  func next(claim: Claim, _ range: AcknowledgedRange) -> LanePosition {
    var next = position
    next.claim = claim
    let offset = hasEnded ? source.offsets.upperBound : max(position.nextOffset, tally.nextOffset ?? 0)
    next.advance(to: offset, sent: tally.digest, first: range.first ?? -1, last: range.last ?? -1)
    return next
  }
}

/// One target topic of a lane, and its figures.
struct LaneTopic {
  let selected: SelectedTopic
  /// Indexes of the lane's partitions.
  var partitions: Range<Int>
  var state = TopicProgress.State.waiting
  var figures = Figures()
  /// Partitions whose positions are committed to the end.
  var finished = 0

  var target: TopicName { selected.target }
  var isFinished: Bool { finished == partitions.count }

  init(_ selected: SelectedTopic, partitions: Range<Int>) {
    self.selected = selected
    self.partitions = partitions
  }

  func progress(_ lane: LaneID) -> TopicProgress {
    TopicProgress(target: target, lane: lane, state: state, figures: figures)
  }
}
