import Crypto

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
  package func open(_ topic: String) throws(ArchiveError) -> ArchivedTopic {
    let folder = try TopicFolder(topic, in: prefix)
    let key = try folder.archive
    guard let archive = try IndexFile(store, key) else {
      throw .noSuchTopic(topic: topic, at: store.location(of: prefix))
    }
    var digest = IndexDigest()
    let index = try ArchiveIndex(parsing: archive.bytes, file: archive.file)
    guard index.topic == topic else {
      throw .index(file: archive.file, reason: "it is of topic '\(index.topic)', not of '\(topic)'")
    }
    digest.add(ArchiveIndex.file, archive.bytes)
    var partitions: [PartitionIndex] = []
    for number in 0..<index.partitionCount {
      guard let segments = try IndexFile(store, try folder.segments(number)) else {
        throw .index(file: archive.file, reason: "there is no \(number)/\(PartitionIndex.file) beside it")
      }
      let partition = try PartitionIndex(parsing: segments.bytes, file: segments.file)
      guard partition.topic == topic, partition.partition == number else {
        throw .index(
          file: segments.file, reason: "it is of partition \(partition.partition) of topic '\(partition.topic)'")
      }
      digest.add("\(number)/\(PartitionIndex.file)", segments.bytes)
      partitions.append(partition)
    }
    return ArchivedTopic(
      store: store, folder: folder, index: index, partitions: partitions, digest: try digest.finish())
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

/// The bytes of an index, and where they were found.
struct IndexFile {
  /// Some 500 bytes a segment: enough for 100 TB in one partition.
  static let limit: UInt64 = 512 << 20

  let file: String
  let bytes: [UInt8]

  /// Nil when there is no such file.
  init?(_ store: any BlobStore, _ key: BlobKey) throws(ArchiveError) {
    file = store.location(of: key)
    do {
      bytes = try store.read(key, limit: Self.limit)
    } catch {
      if case .missing = error { return nil }
      throw .storage(error)
    }
  }
}

/// A digest over a topic's index files, name by name.
struct IndexDigest {
  private var content: [UInt8] = []

  mutating func add(_ name: String, _ bytes: [UInt8]) {
    for part in [Array(name.utf8), bytes] {
      withUnsafeBytes(of: UInt64(part.count).bigEndian) { content += $0 }
      content += part
    }
  }

  func finish() throws(ArchiveError) -> SHA256Sum { try SHA256Sum.archived(content) }
}
