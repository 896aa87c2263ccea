import Testing

@testable import ColdStorage
import Seeded

/// Arbitrary bytes throw; they never trap, and never read outside of what was given.
@Suite struct FuzzTests {
  private func walk(_ bytes: [UInt8]) throws {
    let inflater = try BatchInflater()
    let slot = try RecordBuffer(capacity: 64, limit: 1 << 20)
    // Copied, so that the sanitizer sees every byte read beyond the end.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    let borrowed = UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    do {
      let header = try BatchHeader(parsing: borrowed)
      let payload = UnsafeRawBufferPointer(rebasing: borrowed[BatchHeader.byteCount...])
      // The checksum is left out: it would stop nearly every mutation before the code that is to be tried.
      try inflater.inflate(payload, header.attributes.codec, into: slot)
      var cursor = RecordCursor(header, records: slot.bytes)
      while let record = try cursor.next() { _ = try TestRecord(record) }
    } catch is BatchError {}
  }

  private func batch(_ seed: UInt64, _ codec: BatchCodec) throws -> [UInt8] {
    var generator = SeededGenerator(seed)
    let builder = try BatchBuilder(codec: codec)
    for record in TestRecord.random(20, using: &generator, longest: 40) {
      _ = try record.borrowed { try builder.add($0) }
    }
    return Array(try #require(try builder.finish()).bytes)
  }

  @Test("Mutated batches are read or refused", arguments: [1, 2, 3, 4] as [UInt64], [BatchCodec.none, .zstd])
  func mutations(seed: UInt64, codec: BatchCodec) throws {
    var generator = SeededGenerator(seed &+ 1_000)
    let whole = try batch(seed, codec)
    try walk(whole)
    for _ in 0..<3_000 { try walk(mutated(whole, &generator)) }
  }

  @Test(
    "Mutated batches in codecs that are only read are read or refused",
    arguments: ["broker-gzip", "broker-snappy", "broker-lz4", "client-gzip", "client-snappy", "client-lz4"])
  func foreign(name: String) throws {
    var generator = SeededGenerator(7)
    // The second batch, which is the compressible one.
    let segment = try BrokerSegmentTests.segment(name)
    let first = try segment.withUnsafeBytes { try BatchHeader(parsing: $0).size }
    let whole = Array(segment[first...])
    try walk(whole)
    for _ in 0..<3_000 { try walk(mutated(whole, &generator)) }
  }

  private func mutated(_ whole: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = whole
    for _ in 0...Int.random(in: 0...3, using: &generator) {
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[position] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
      case 2: bytes.removeSubrange(position...)
      default: bytes.insert(contentsOf: generator.bytes(3), at: position)
      }
      if bytes.isEmpty { break }
    }
    return bytes
  }

  @Test("Noise is read or refused", arguments: [1, 2, 3] as [UInt64])
  func noise(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    for _ in 0..<3_000 {
      var bytes = generator.bytes(Int.random(in: 0...200, using: &generator))
      // A header that passes, so that the records are reached.
      if bytes.count >= 61 {
        for position in [0, 8, 9, 22, 23, 57, 58] { bytes[position] = 0 }
        bytes[16] = 2
      }
      try walk(bytes)
    }
  }

  @Test("Records are refused that a batch cannot hold")
  func contradictions() throws {
    let header = BatchHeader(
      baseOffset: 0, size: 0, attributes: .init(codec: .none), lastOffsetDelta: 1, baseTimestamp: 0, maxTimestamp: 0,
      recordCount: 2)
    func read(_ records: [UInt8]) throws -> Int {
      try records.withUnsafeBytes { bytes in
        var cursor = RecordCursor(header, records: bytes)
        var count = 0
        while let record = try cursor.next() {
          _ = try TestRecord(record)
          count += 1
        }
        return count
      }
    }
    // Length 6, attributes, timestamp delta, offset delta, null key, null value, no headers.
    let first: [UInt8] = [12, 0, 0, 0, 1, 1, 0]
    let second: [UInt8] = [12, 0, 0, 2, 1, 1, 0]
    #expect(try read(first + second) == 2)
    let wrong: [[UInt8]] = [
      first, first + first, second + first, first + second + [0], first + [12, 0, 0, 4, 1, 1, 0],
      first + [12, 0, 0, 2, 3, 1, 0], first + [12, 0, 0, 2, 1, 1, 1], first + [12, 0, 0, 2, 1, 1, 2],
      first + [14, 0, 0, 2, 1, 1, 0, 0], first + [10, 0, 0, 2, 1, 1], first + [1, 0, 0, 2, 1, 1, 0],
      first + [22, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
      // A header with a null name.
      first + [16, 0, 0, 2, 1, 1, 2, 1, 1],
    ]
    for records in wrong { #expect(throws: BatchError.self, "\(records)") { try read(records) } }
  }

  @Test("What inflates beyond its limit is refused")
  func bomb() throws {
    let builder = try BatchBuilder(codec: .zstd, limit: 4 << 20)
    let record = TestRecord(offset: 0, timestamp: 0, value: [UInt8](repeating: 0, count: 3 << 20))
    _ = try record.borrowed { try builder.add($0) }
    let bytes = Array(try #require(try builder.finish()).bytes)
    #expect(bytes.count < 10_000)
    let slot = try RecordBuffer(capacity: 64, limit: 1 << 20)
    #expect(throws: BatchError.self) {
      try bytes[BatchHeader.byteCount...].withUnsafeBytes { try BatchInflater().inflate($0, .zstd, into: slot) }
    }
    #expect(slot.capacity <= 1 << 20)
  }

  @Test("Batches are not written with a codec that is only read", arguments: [BatchCodec.gzip, .snappy])
  func codecs(codec: BatchCodec) throws {
    #expect(throws: ArchiveError.batch(.unsupportedCodec(codec))) { _ = try BatchBuilder(codec: codec) }
  }
}
