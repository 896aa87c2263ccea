import Crypto

/// A digest over a topic's index files, name by name.
struct IndexDigest: ~Copyable {
  private var hash: SHA256

  init() throws(ArchiveError) {
    do { hash = try SHA256() } catch { throw .crypto(error) }
  }

  /// Over what `segments.json` of every partition says, as `PartitionIndex.encoded` spells it.
  static func of(_ partitions: [PartitionIndex]) throws(ArchiveError) -> SHA256Sum {
    var digest = try IndexDigest()
    for partition in partitions { digest.add(partition.partition, partition.encoded) }
    return try digest.finish()
  }

  /// - Parameter segments: the bytes of its `segments.json`.
  mutating func add(_ partition: Int32, _ segments: [UInt8]) {
    add(Array("\(partition)/\(PartitionIndex.file)".utf8))
    add(segments)
  }

  private mutating func add(_ part: [UInt8]) {
    withUnsafeBytes(of: UInt64(part.count).bigEndian) { hash.update($0) }
    part.withUnsafeBytes { hash.update($0) }
  }

  consuming func finish() throws(ArchiveError) -> SHA256Sum {
    do { return try hash.finish() } catch { throw .crypto(error) }
  }
}
