/// `MapTopic`, `UnmapTopic`, `ImportTopics`.
extension Decision {
  mutating func map(_ key: ResourceKey, _ mapping: TopicMapping) throws(Rejection) {
    let restore = try restore(key)
    let spec = try restoreSpec(key)
    if let index = spec.config.topics.firstIndex(where: { $0.target == mapping.target }) {
      let old = spec.config.topics[index]
      if old == mapping { return unchanged(key, "\(mapping.source) is mapped to \(mapping.target) so already") }
      guard old.source == mapping.source else {
        let message = "\"\(mapping.target)\" is already the target of topics[\(index)], from \"\(old.source)\""
        throw Rejection(.alreadyExists, message, errors: [FieldProblem("target", message)])
      }
    }
    try requireUnlocked(restore, ["config.topics"])
    try requireLegal([mapping], on: restore, spec)
    add(key, .topicMapped(mapping), outcome: true)
    settle(key)
  }

  mutating func unmap(_ key: ResourceKey, _ target: TopicName) throws(Rejection) {
    let restore = try restore(key)
    guard try restoreSpec(key).config.topics.contains(where: { $0.target == target }) else {
      throw Rejection(.notFound, "no topic of \(key) is mapped to \"\(target)\"")
    }
    try requireUnlocked(restore, ["config.topics"])
    add(key, .topicUnmapped(target: target), outcome: true)
    settle(key)
  }

  /// The first topic mapped is the outcome; a target that another source has already rejects the whole import.
  mutating func importTopics(
    _ key: ResourceKey, glob: String?, prefix: String, suffix: String, archived: Result<[TopicName], Rejection>?
  ) throws(Rejection) {
    let restore = try restore(key)
    let spec = try restoreSpec(key)
    try requireUnlocked(restore, ["config.topics"])
    guard let archived = try archived?.get() else {
      throw Rejection(.unavailable, "the topics of \"\(spec.source)\" can't be listed now; try again")
    }
    let mapped = Set(spec.config.topics.map(\.source))
    let pattern = glob.map(Glob.init)
    let mappings = Set(archived).subtracting(mapped).sorted()
      .filter { pattern?.matches($0.text) ?? true }
      .map { TopicMapping(source: $0, target: TopicName(prefix + $0.text + suffix)) }
    guard !mappings.isEmpty else {
      return unchanged(
        key, "every topic of \"\(spec.source)\"\(glob.map { " that matches \"\($0)\"" } ?? "") is mapped")
    }
    try requireLegal(mappings, on: restore, spec)
    for (index, mapping) in mappings.enumerated() { add(key, .topicMapped(mapping), outcome: index == 0) }
    settle(key)
  }

  private func restoreSpec(_ key: ResourceKey) throws(Rejection) -> RestoreSpec {
    guard let spec = try restore(key).restoreSpec else { throw Rejection(.notFound, "\(key) does not exist") }
    return spec
  }

  private func requireLegal(
    _ mappings: [TopicMapping], on restore: Resource, _ spec: RestoreSpec
  ) throws(Rejection) {
    var new = spec
    for mapping in mappings {
      new.config.topics.removeAll { $0.target == mapping.target && $0.source == mapping.source }
      new.config.topics.append(mapping)
    }
    try require(ResourceDocument(key: restore.key, spec: .restore(new)))
  }
}
