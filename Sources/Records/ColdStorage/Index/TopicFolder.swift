/// Where the parts of one topic's archive are.
struct TopicFolder: Hashable, Sendable {
  let topic: String
  let key: BlobKey

  /// - Parameter prefix: the folder that holds the topics' folders.
  init(_ topic: String, in prefix: BlobKey) throws(ArchiveError) {
    self.topic = topic
    do {
      key = try prefix.appending(topic)
    } catch {
      throw .storage(error)
    }
  }

  var archive: BlobKey { get throws(ArchiveError) { try part([ArchiveIndex.file]) } }
  /// One writer at a time holds it.
  var lock: BlobKey { get throws(ArchiveError) { try part(["writer.lock"]) } }
  /// Stands there from the first capture's beginning to its end: segments without an index are its leftovers then.
  var incomplete: BlobKey { get throws(ArchiveError) { try part(["capture.incomplete"]) } }

  func segments(_ partition: Int32) throws(ArchiveError) -> BlobKey {
    try part([String(partition), PartitionIndex.file])
  }

  func file(_ name: String, _ partition: Int32) throws(ArchiveError) -> BlobKey { try part([String(partition), name]) }

  /// The partition whose file this is; nil when it is none's.
  func partition(of key: BlobKey) -> Int32? {
    guard key.components.count == self.key.components.count + 2, key.parent.parent == self.key else { return nil }
    return Self.partition(key.parent.name)
  }

  static func partition(_ name: String) -> Int32? {
    guard let partition = Int32(name), partition >= 0, String(partition) == name else { return nil }
    return partition
  }

  private func part(_ names: [String]) throws(ArchiveError) -> BlobKey {
    var key = key
    do {
      for name in names { key = try key.appending(name) }
    } catch {
      throw .storage(error)
    }
    return key
  }
}
