/// The archives in one place of a store.
package struct ArchiveReader: Sendable {
  package let store: any BlobStore
  package let prefix: BlobKey

  package init(_ store: any BlobStore, prefix: BlobKey = .root) {
    self.store = store
    self.prefix = prefix
  }

  /// The archived topics, sorted. What has no `archive.json` is none, such as a first capture that is not finished.
  package func topics() throws(ArchiveError) -> [String] {
    var topics: [String] = []
    for name in try store.archive({ store throws(StorageError) in try store.folders(prefix) })
    where Self.isTopicName(name) {
      let key = try TopicFolder(name, in: prefix).archive
      if try store.archive({ store throws(StorageError) in try store.stat(key) }) != nil { topics.append(name) }
    }
    return topics
  }

  /// Reads the index of one topic. What the result shows stays as it is, even if the archive grows meanwhile.
  ///
  /// - Parameter known: as it was opened before: given back if the index still has every byte that it had then, which saves taking it apart again.
  package func open(_ topic: String, known: ArchivedTopic? = nil) throws(ArchiveError) -> ArchivedTopic {
    let folder = try TopicFolder(topic, in: prefix)
    let key = try folder.archive
    guard let archive = try IndexFile(store, key) else {
      throw .noSuchTopic(topic: topic, at: store.location(of: prefix))
    }
    let index = try ArchiveIndex(parsing: archive.bytes, file: archive.file)
    guard index.topic == topic else {
      throw .index(file: archive.file, reason: "it is of topic '\(index.topic)', not of '\(topic)'")
    }
    let opening = TopicOpening(store, folder, archive, index)
    guard let known else { return try opening.read() }
    return try opening.fingerprint() == known.fingerprint ? known : try open(topic)
  }

  /// What Kafka allows as the name of a topic.
  private static func isTopicName(_ name: String) -> Bool {
    name != "." && name != ".." && (1...249).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
