extension ControlState {
  /// Takes over the figures of a `progress` fact. No event tells of them: they are hints, and the truth stands in the sink.
  /// False if the fact is stale, no progress, or says nothing new.
  package mutating func record(progress fact: Fact) -> Bool {
    guard case .progress(let lane, let topics) = fact.content, let restore = resources[fact.key],
      restore.isConcerned(by: fact), restore.hearsLanes
    else { return false }
    return resources[fact.key]?.advance(lane, topics) ?? false
  }

  /// Rates over the last few seconds, which only the clock's owner can know.
  package mutating func record(recordsPerSecond: Int64, bytesPerSecond: Int64, of key: ResourceKey) {
    resources[key]?.status.progress?.recordsPerSecond = recordsPerSecond
    resources[key]?.status.progress?.bytesPerSecond = bytesPerSecond
  }
}

extension Resource {
  /// Topics of other lanes, and those recorded as restored, stay as they are.
  mutating func advance(_ lane: LaneID, _ topics: [TopicProgress]) -> Bool {
    guard let planned = self.lane(lane), let before = status.progress else { return false }
    for topic in topics where planned.topics.contains(topic.target) {
      guard !status.controller.restoredTopics.contains(topic.target) else { continue }
      status.progress?.update(topic.target) {
        $0.lane = lane
        $0.figures = topic.figures
        // Only the event `TopicRestored` makes a topic restored.
        $0.state = topic.state == .waiting ? $0.state : .restoring
      }
    }
    return status.progress != before
  }
}
