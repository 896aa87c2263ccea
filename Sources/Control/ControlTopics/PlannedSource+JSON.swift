import JSON
import RestoreModel

extension JSONObject {
  /// `sources`; plans of before they were kept have none.
  mutating func put(_ sources: [PlannedSource]) {
    guard !sources.isEmpty else { return }
    self["sources"] = .array(
      sources.map { ["topic": .string($0.topic.text), "ends": .array($0.ends.map { .int($0) })] })
  }
}

extension ObjectReader {
  mutating func optionalSources() -> [PlannedSource] {
    optionalObjects("sources") { fields in
      let topic = fields.string("topic")
      let ends = fields.optionalList("ends") { value, path, errors in
        guard let end = value.int, end >= 0 else {
          errors.add(path, "must be an offset")
          return Int64?.none
        }
        return end
      }
      fields.finish()
      return topic.flatMap { topic in ends.map { PlannedSource(topic: TopicName(topic), ends: $0) } }
    } ?? []
  }
}
