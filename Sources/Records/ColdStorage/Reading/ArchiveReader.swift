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
  ///
  /// - Parameter known: as it was opened before: given back if the index still has every byte that it had then, which saves taking it apart again.
  package func open(_ topic: String, known: ArchivedTopic? = nil) throws(ArchiveError) -> ArchivedTopic {
    let folder = try TopicFolder(topic, in: prefix)
    let key = try folder.archive
    guard let archive = try IndexFile(store, key) else {
      throw .noSuchTopic(topic: topic, at: store.location(of: prefix))
    }
    var digest = try IndexDigest()
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
      digest.add("\(number)/\(PartitionIndex.file)", segments.bytes)
      if known == nil { partitions.append(try Self.partition(number, of: topic, segments)) }
    }
    let sum = try digest.finish()
    guard let known else {
      return ArchivedTopic(store: store, folder: folder, index: index, partitions: partitions, digest: sum)
    }
    return known.digest == sum ? known : try open(topic)
  }

  private static func partition(
    _ number: Int32, of topic: String, _ file: IndexFile
  ) throws(ArchiveError) -> PartitionIndex {
    let partition = try PartitionIndex(parsing: file.bytes, file: file.file)
    guard partition.topic == topic, partition.partition == number else {
      throw .index(
        file: file.file, reason: "it is of partition \(partition.partition) of topic '\(partition.topic)'")
    }
    return partition
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
  /// Some 800 bytes a segment: enough for 80 TB in one partition.
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
struct IndexDigest: ~Copyable {
  private var hash: SHA256

  init() throws(ArchiveError) {
    do { hash = try SHA256() } catch { throw .crypto(error) }
  }

  mutating func add(_ name: String, _ bytes: [UInt8]) {
    add(Array(name.utf8))
    add(bytes)
  }

  private mutating func add(_ part: [UInt8]) {
    withUnsafeBytes(of: UInt64(part.count).bigEndian) { hash.update($0) }
    part.withUnsafeBytes { hash.update($0) }
  }

  consuming func finish() throws(ArchiveError) -> SHA256Sum {
    do { return try hash.finish() } catch { throw .crypto(error) }
  }
}
