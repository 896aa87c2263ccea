import Testing

@testable import ColdStorage

/// Segments that Apache Kafka 4.2.1 wrote (Fixtures; librdkafka produced them), read by us.
@Suite struct BrokerSegmentTests {
  private static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Fixtures"

  /// What was produced, with the timestamps of `CreateTime` topics.
  private static let records: [TestRecord] = {
    let time: Int64 = 1_700_000_000_000
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    let first = [
      TestRecord(offset: 0, timestamp: time, key: bytes("k1"), value: bytes("v1")),
      TestRecord(offset: 1, timestamp: time - 500, key: bytes("k2"), value: nil),
      TestRecord(offset: 2, timestamp: time + 1_000, key: nil, value: []),
      TestRecord(
        offset: 3, timestamp: time + 1, key: [], value: bytes("with headers"),
        headers: [
          .init(name: bytes("a"), value: bytes("1")), .init(name: bytes("a"), value: nil),
          .init(name: bytes("b"), value: []),
        ]),
    ]
    return first
      + (0..<40).map { number in
        TestRecord(
          offset: 4 + number, timestamp: time + 2_000 + number, key: bytes("key-\(number)"),
          value: bytes("the same words again and again, number \(number)"))
      }
  }()

  static func segment(_ name: String) throws -> [UInt8] {
    try VolumeStore(root: folder).read(try BlobKey("\(name).log"))
  }

  /// The segment as the only one of an archive, indexed by us.
  private func archive(_ name: String, by who: String = "broker") throws -> TestArchive {
    let archive = try TestArchive()
    try archive.store.write(
      try BlobKey("orders/0/00000000000000000000.log"), try Self.segment("\(who)-\(name)"))
    try Reindex(archive.store, topic: "orders").run(now: 0)
    return archive
  }

  @Test("A broker's segment is read as it was produced", arguments: ["zstd", "none", "gzip", "snappy", "lz4"])
  func reads(name: String) throws {
    let archive = try archive(name)
    #expect(try archive.records() == Self.records)
    #expect(try archive.open().partition(0).minTimestamp == 1_699_999_999_500)
    #expect(try archive.open().verify().isIntact)
  }

  @Test("Where the broker set the time, every record has its batch's")
  func appended() throws {
    let archive = try archive("append")
    let records = try archive.records()
    let segment = try #require(try archive.open().partition(0).segments.first)
    #expect(segment.timestampType == .logAppendTime)
    #expect(Set(records.map(\.timestamp)).count == 2)
    #expect(records[0].timestamp == segment.minTimestamp)
    #expect(records[4].timestamp == segment.maxTimestamp)
    #expect(
      records.map { TestRecord(offset: $0.offset, timestamp: 0, key: $0.key, value: $0.value, headers: $0.headers) }
        == Self.records.map {
          TestRecord(offset: $0.offset, timestamp: 0, key: $0.key, value: $0.value, headers: $0.headers)
        })
    // A time bound between the two batches takes one of them whole.
    let reader = try archive.open().reader(0, Selection(fromTimestamp: segment.minTimestamp + 1))
    let batch = try #require(try reader.next())
    #expect(batch.verdict == .whole)
    #expect(batch.header.baseOffset == 4)
  }

  @Test("The digest does not depend on the codec")
  func digests() throws {
    let uncompressed = try archive("none").open().partition(0).digest
    for codec in BatchCodec.allCases {
      #expect(try archive("\(codec)").open().partition(0).digest == uncompressed, "\(codec)")
    }
  }

  /// Of a topic that keeps the producer's compression: librdkafka's, whose snappy has no blocks.
  @Test("A client's batches are read as they were produced", arguments: [BatchCodec.gzip, .snappy, .lz4])
  func client(codec: BatchCodec) throws {
    let archive = try archive("\(codec)", by: "client")
    #expect(try archive.records() == Self.records)
    let reader = try archive.open().reader(0)
    var codecs: [BatchCodec?] = []
    while let batch = try reader.next() { codecs.append(batch.header.attributes.codec) }
    // The first batch would have become larger.
    #expect(codecs == [BatchCodec.none, codec])
  }

  @Test("What we write is what the broker wrote, where there is nothing to choose")
  func identical() throws {
    let builder = try BatchBuilder(codec: .none)
    for record in Self.records[..<4] { _ = try record.borrowed { try builder.add($0) } }
    let ours = Array(try #require(try builder.finish()).bytes)
    var theirs = Array(try Self.segment("broker-none")[..<ours.count])
    // The broker puts in its leader epoch, which no checksum covers.
    theirs.replaceSubrange(12..<16, with: [0xff, 0xff, 0xff, 0xff])
    #expect(ours == theirs)
  }
}
