import Seeded
import Testing

@testable import ColdStorage

/// Records that are encoded and digested from where they lie.
@Suite("Changed records")
struct ChangedRecordTests {
  private static let added = TestRecord.Header(name: Array("offset".utf8), value: Array("4711".utf8))

  @Test(
    "They become the bytes and the digests of records put together anew", arguments: 0..<20 as Range<UInt64>,
    [false, true])
  func equality(seed: UInt64, addsHeader: Bool) throws {
    var generator = SeededGenerator(seed)
    let records = TestRecord.random(50, using: &generator)
    let (stored, changed, anew) = (
      try BatchBuilder(codec: .none), try BatchBuilder(codec: .zstd), try BatchBuilder(codec: .zstd)
    )
    for record in records { #expect(try record.borrowed { try stored.add($0) }) }
    let batch = try #require(try stored.finish())
    var cursor = RecordCursor(
      batch.header, records: UnsafeRawBufferPointer(rebasing: batch.bytes[BatchHeader.byteCount...]))
    let digester = try RecordDigester()
    for (number, record) in records.enumerated() {
      let view = try #require(try cursor.next())
      var expected = record
      expected.offset = Int64(number)
      expected.timestamp += Int64(seed)
      if addsHeader { expected.headers.append(Self.added) }
      try Self.added.name.withUnsafeBytes { name in
        try (Self.added.value ?? []).withUnsafeBytes { value in
          let sent = ChangedRecord(
            view, offset: expected.offset, timestamp: expected.timestamp,
            addedHeader: addsHeader ? HeaderView(name: name, value: value) : nil)
          #expect(try changed.add(sent))
          let (digest, wanted) = (
            try digester.digest(of: sent), try expected.borrowed { try digester.digest(of: $0) }
          )
          #expect(digest == wanted)
        }
      }
      #expect(try expected.borrowed { try anew.add($0) })
    }
    #expect(Array(try #require(try changed.finish()).bytes) == Array(try #require(try anew.finish()).bytes))
  }

  @Test(
    "A batch that is sealed and packed elsewhere is the one that its builder would make",
    arguments: [BatchCodec.none, .lz4, .zstd])
  func sealing(codec: BatchCodec) throws {
    var generator = SeededGenerator(5)
    let (sealing, finishing) = (try BatchBuilder(codec: codec), try BatchBuilder(codec: codec))
    let packer = try BatchPacker()
    var spare = try BatchBuilder.buffer()
    let none = try sealing.seal(goingOnIn: spare)
    #expect(none == nil)
    for count in [1, 300, 3] {
      for record in TestRecord.random(count, using: &generator) {
        for builder in [sealing, finishing] { #expect(try record.borrowed { try builder.add($0) }) }
      }
      #expect(sealing.size == finishing.size)
      let sealed = try #require(try sealing.seal(goingOnIn: spare))
      #expect(sealing.isEmpty)
      let packed = Array(try packer.pack(sealed).bytes)
      #expect(packed == Array(try #require(try finishing.finish()).bytes))
      spare = sealed.records
    }
  }
}
