package import ColdStorage

/// A record as a test writes it into an archive and expects it in the target.
package struct TestRecord: Hashable, Sendable {
  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: [UInt8]?
    package init(_ name: String, _ value: [UInt8]?) {
      self.name = name
      self.value = value
    }
  }
  package var offset: Int64
  package var timestamp: Int64
  package var key: [UInt8]?
  package var value: [UInt8]?
  package var headers: [Header]

  package init(offset: Int64, timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }

  /// A plain one: key `k<n>`, a value of `size` bytes that names the offset, a minute apart.
  package init(plain offset: Int64, size: Int = 32, timestamp: Int64? = nil) {
    var value = Array("value \(offset) ".utf8)
    while value.count < size { value.append(UInt8(truncatingIfNeeded: value.count &* 31 &+ Int(offset))) }
    self.init(
      offset: offset, timestamp: timestamp ?? 1_600_000_000_000 + offset * 60_000, key: Array("k\(offset % 7)".utf8),
      value: value)
  }

  /// Lends the record to `body` in the form that archives are written from.
  package func lend<Result>(_ body: (SourceRecord) throws -> Result) rethrows -> Result {
    var copies: [UnsafeMutableRawBufferPointer] = []
    defer { copies.forEach { $0.deallocate() } }
    func copy(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
      copies.append(copy)
      copy.copyBytes(from: bytes)
      return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    }
    return try body(
      SourceRecord(
        offset: offset, timestamp: timestamp, key: key.map(copy), value: value.map(copy),
        headers: headers.map { HeaderView(name: copy(Array($0.name.utf8)), value: $0.value.map(copy)) }))
  }
}

/// A native archive in a temporary directory.
package struct TestArchive: Sendable {
  package let path: String

  package init() throws { path = try TemporaryDirectory.make("archive") }

  package var reader: ArchiveReader { get throws { ArchiveReader(try VolumeStore(root: path)) } }

  /// Writes a topic with one array of records for each partition, or adds to it.
  package func write(
    _ topic: String, _ partitions: [[TestRecord]], configuration: [String: String] = [:],
    codec: BatchCodec = .zstd, limits: PartitionWriter.Limits = .init(), kind: TimestampKind = .createTime
  ) throws {
    let writer = try TopicArchiveWriter(try VolumeStore(root: path), topic: topic, codec: codec, limits: limits)
    var ends: [Int32: Int64] = [:]
    for (number, records) in partitions.enumerated() {
      let number = Int32(number)
      let partition = try writer.writer(number, startOffset: records.first?.offset ?? 0)
      for record in records { try record.lend { try partition.append($0, kind) } }
      ends[number] = max(records.last.map { $0.offset + 1 } ?? 0, writer.partition(number)?.endOffset ?? 0)
    }
    try writer.commit(
      ArchiveIndex(
        topic: topic, partitionCount: Int32(partitions.count), configuration: configuration, capturedAt: 1,
        bounds: partitions.indices.map { 0..<(ends[Int32($0)] ?? 0) }), endOffsets: ends)
  }
}
