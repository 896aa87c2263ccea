/// Groups the targets of a run into lanes: those that share a producer.
package enum LanePlanner {
  /// Topics share a lane only when their `max.message.bytes` is equal; such a class is split evenly into as many lanes as producers are
  /// allowed (0: one a topic). Lanes and topics stand in the order of the document: the first topics of it come first in their lanes.
  /// A run may have more lanes than producers; they take turns.
  package static func lanes(
    for targets: [(target: TopicName, maxMessageBytes: Int64)], maxProducers: Int
  ) -> [PlannedLane] {
    var classes: [(bytes: Int64, topics: [TopicName])] = []
    var indexes: [Int64: Int] = [:]
    for (target, bytes) in targets {
      if let index = indexes[bytes] {
        classes[index].topics.append(target)
      } else {
        indexes[bytes] = classes.count
        classes.append((bytes, [target]))
      }
    }
    var lanes: [PlannedLane] = []
    for (bytes, topics) in classes {
      let count = maxProducers > 0 ? min(maxProducers, topics.count) : topics.count
      for part in 0..<count {
        let share = stride(from: part, to: topics.count, by: count).map { topics[$0] }
        lanes.append(PlannedLane(id: LaneID(lanes.count), topics: share, maxMessageBytes: bytes))
      }
    }
    return lanes
  }
}
