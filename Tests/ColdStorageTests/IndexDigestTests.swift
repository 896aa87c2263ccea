import Crypto
import JSON
import Seeded
import Testing

@testable import ColdStorage

/// A run is pinned to the digest of what its topics' indexes said when it was planned, and may be resumed by a later version.
@Suite("The digest of a topic's index") struct IndexDigestTests {
  private let archive: TestArchive
  private let indexes: [PartitionIndex]

  init() throws {
    archive = try TestArchive()
    var generator = SeededGenerator(53)
    // The last one is longer than what is looked at at once.
    indexes = try [0, 1, 400].enumerated().map { number, count in
      var index = try PartitionIndex.random(
        &generator, segments: count, of: ("orders", Int32(number)), mostDigits: 18)
      index.losses = [index.startOffset..<index.startOffset]
      index.endOffset += 1
      return index
    }
    let whole = ArchiveIndex(
      topic: "orders", partitionCount: 3, configuration: [:], capturedAt: 1, bounds: indexes.map { 0..<$0.endOffset })
    try write("archive.json", IndexDocument.encode(whole.json))
    for (number, index) in indexes.enumerated() { try write("\(number)/segments.json", index.encoded) }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try archive.store.write(try BlobKey("orders/\(name)"), bytes)
  }

  private func open(known: ArchivedTopic? = nil) throws -> ArchivedTopic {
    try ArchiveReader(archive.store).open("orders", known: known)
  }

  /// As it is defined: each name and each document behind its length in 8 bytes.
  private func digest(of indexes: [PartitionIndex]) throws -> SHA256Sum {
    var all: [UInt8] = []
    for (number, index) in indexes.enumerated() {
      for part in [Array("\(number)/segments.json".utf8), index.encoded] {
        withUnsafeBytes(of: UInt64(part.count).bigEndian) { all += $0 }
        all += part
      }
    }
    return try SHA256Sum.of(all)
  }

  @Test("It is that of what would be written, whether the whole is asked for or all of its parts")
  func defined() throws {
    let topic = try open()
    #expect(topic.partitions == indexes)
    #expect(topic.digest == (try digest(of: indexes)))
    let part = try #require(try topic.upTo(indexes.map(\.endOffset)))
    #expect(part.digest == topic.digest && part.partitions == indexes)
    // Only the last one has grown since: it has no segment more, and ends elsewhere.
    var before = indexes
    before[2].endOffset -= 1
    let cut = try #require(try topic.upTo(before.map(\.endOffset)))
    #expect(cut.digest == (try digest(of: before)) && cut.digest != topic.digest)
    let fewer = try #require(try topic.upTo(Array(indexes.map(\.endOffset)[..<2])))
    #expect(fewer.digest == (try digest(of: Array(indexes[..<2]))))
  }

  @Test("It stays the same for ever")
  func golden() throws {
    var index = PartitionIndex(topic: "orders", partition: 0, startOffset: 5, endOffset: 20)
    index.losses = [7..<9]
    let whole = ArchiveIndex(topic: "orders", partitionCount: 1, configuration: [:], capturedAt: 1, bounds: [5..<20])
    try write("archive.json", IndexDocument.encode(whole.json))
    try write("0/segments.json", index.encoded)
    #expect(try open().digest.hex == "e57daebacc6e393070c270797afb9575354895e56de1656f41ba0bd8b52e0694")
    #expect(try open().upTo([20])?.digest.hex == "e57daebacc6e393070c270797afb9575354895e56de1656f41ba0bd8b52e0694")
  }

  @Test("However an index is spelled, its digest is the same", arguments: 0..<3)
  func spelled(number: Int) throws {
    let topic = try open()
    try write("\(number)/segments.json", try JSONValue.parse(indexes[number].encoded).serialized(.canonical))
    let other = try open()
    #expect(other.digest == topic.digest && other.partitions == indexes)
    #expect(!other.isOf(sameIndexAs: topic))
    #expect(try other.upTo(indexes.map(\.endOffset))?.digest == topic.digest)
  }

  @Test("What was lost beyond the end is no part of the digest that a run is pinned to")
  func lossBeyondEnd() throws {
    var index = indexes[1]
    index.losses.append(index.endOffset..<index.endOffset + 3)
    try write("1/segments.json", index.encoded)
    let topic = try open()
    #expect(topic.partitions[1] == index)
    let part = try #require(try topic.upTo(indexes.map(\.endOffset)))
    #expect(part.digest == (try digest(of: indexes)) && part.partitions == indexes)
  }

  @Test("What was opened before is given back as long as every byte of the index is the same", arguments: 0..<3)
  func known(number: Int) throws {
    let topic = try open()
    let place = topic.partitions[2].segments.withUnsafeBufferPointer(\.baseAddress)
    let same = try open(known: topic)
    #expect(same.partitions[2].segments.withUnsafeBufferPointer(\.baseAddress) == place)
    try write("\(number)/segments.json", indexes[number].encoded + Array(" ".utf8))
    let other = try open(known: topic)
    #expect(other.partitions[2].segments.withUnsafeBufferPointer(\.baseAddress) != place)
    #expect(other.partitions == indexes && other.digest == topic.digest)
    var changed = indexes[number]
    changed.endOffset += 1
    try write("\(number)/segments.json", changed.encoded)
    #expect(try open(known: topic).partitions[number] == changed)
    try archive.store.delete(try BlobKey("orders/\(number)/segments.json"))
    #expect {
      try open(known: topic)
    } throws: { "\($0)".contains("there is no \(number)/segments.json beside it") }
  }
}
