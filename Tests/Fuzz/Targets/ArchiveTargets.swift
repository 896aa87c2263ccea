import ColdStorage
import JSON

/// Archives lie where others can reach them, for years.
enum ArchiveTargets {
  /// `archive.json`, and after a line `%%` the `segments.json` of partition 0. The segments themselves are missing, or what follows a second line `%%`.
  static func index(_ bytes: [UInt8]) throws {
    let parts = RecordText.split(bytes, by: Array("\n%%\n".utf8))
    let store = MemoryStore()
    store.blobs["orders/archive.json"] = Array(parts[0])
    if parts.count > 1 { store.blobs["orders/0/segments.json"] = Array(parts[1]) }
    if parts.count > 2 {
      store.blobs["orders/0/00000000000000000000.log"] = Array(parts[2])
      store.blobs["orders/0/00000000000000000000.digests"] = parts.count > 3 ? Array(parts[3]) : []
    }
    try openAndRead(store)
    try compare(store)
    // What was damaged is indexed anew, and what isn't is left as it is.
    guard let reindex = try? Reindex(store, topic: "orders"), (try? reindex.run(now: 1)) != nil else { return }
    try openAndRead(store)
  }

  /// A segment that a broker might have written, with checksums put right: they would stop nearly every change before the code that is to be tried. It is
  /// indexed, which reads all of it, and then all that is read must agree with the index.
  static func segment(_ bytes: [UInt8]) throws {
    let store = MemoryStore()
    store.blobs["orders/0/00000000000000000000.log"] = BatchTargets.withChecksums(bytes)
    guard let reindex = try? Reindex(store, topic: "orders"), (try? reindex.run(now: 1)) != nil else { return }
    let topic = try ArchiveReader(store).open("orders")
    let found = try topic.verify()
    try require(found.isIntact, "what was just indexed is damaged: \(found.damages)")
    try require(found.records == topic.records, "\(found.records) records are verified, \(topic.records) are indexed")
    try require(try count(topic, .everything) == topic.records, "another number of records is read than is indexed")
    let totals = try topic.totals(0)
    try require(totals.records == topic.records, "the totals count \(totals.records) records")
    for selection in selections(topic) {
      let read = try count(topic, selection)
      let totals = try topic.totals(0, selection)
      try require(totals.records == read, "\(read) records are read, the totals count \(totals.records)")
    }
    try withoutFastSums(store)
  }

  /// As an archive was before there were these sums: the same records, and no damage.
  private static func withoutFastSums(_ store: MemoryStore) throws {
    let path = "orders/0/segments.json"
    guard let bytes = store.blobs[path], var index = try JSONValue.parse(bytes).object else { return }
    let segments = index["segments"]?.array?.compactMap(\.object) ?? []
    index["segments"] = .array(
      segments.map { segment in
        var segment = segment
        segment.remove("xxh3")
        return .object(segment)
      })
    let older = MemoryStore()
    older.blobs = store.blobs
    older.blobs[path] = JSONValue.object(index).serialized(.pretty)
    let (topic, same) = (try ArchiveReader(store).open("orders"), try ArchiveReader(older).open("orders"))
    try require(try count(same, .everything) == topic.records, "without its fast sums other records are read")
    try require(try same.verify().isIntact, "without its fast sums it is damaged")
  }

  private static func selections(_ topic: ArchivedTopic) -> [Selection] {
    let (first, last) = (topic.partitions[0].startOffset, topic.partitions[0].endOffset)
    let middle = first + (last - first) / 2
    let time = topic.partitions[0].minTimestamp ?? 0
    return [
      Selection(fromOffset: middle), Selection(untilOffset: middle), Selection(fromTimestamp: time),
      Selection(untilTimestamp: time), Selection(fromOffset: first, untilOffset: middle, fromTimestamp: time),
    ]
  }

  /// The header of a batch and its records, uncompressed.
  static func records(_ bytes: [UInt8]) throws {
    // Memory of its own, so that the sanitizer sees every byte read beyond the end.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    let borrowed = UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    guard let header = try? BatchHeader(parsing: borrowed) else { return }
    try? header.check(borrowed)
    let records = UnsafeRawBufferPointer(rebasing: borrowed[BatchHeader.byteCount...])
    var cursor = RecordCursor(header, records: records)
    let digester = try RecordDigester()
    var last = header.baseOffset - 1
    while let record = try? cursor.next() {
      try require(record.offset > last && record.offset <= header.lastOffset, "offset \(record.offset) is out of order")
      last = record.offset
      _ = try digester.digest(of: record)
    }
  }

  /// An index as we write it is read by a way of its own, and its bytes are taken for its digest: sorted it must be the same.
  private static func compare(_ store: MemoryStore) throws {
    let path = "orders/0/segments.json"
    guard let bytes = store.blobs[path], let document = try? JSONValue.parse(bytes) else { return }
    let sorted = MemoryStore()
    sorted.blobs = store.blobs
    sorted.blobs[path] = document.serialized(.canonical)
    let topic = try? ArchiveReader(store).open("orders")
    let same = try? ArchiveReader(sorted).open("orders")
    try require(topic?.partitions == same?.partitions, "an index is read otherwise when it is sorted")
    try require(topic?.digest == same?.digest, "an index has another digest when it is sorted")
  }

  private static func openAndRead(_ store: MemoryStore) throws {
    guard let topics = try? ArchiveReader(store).topics() else { return }
    for name in topics {
      guard let topic = try? ArchiveReader(store).open(name) else { continue }
      _ = (topic.records, topic.contentBytes, topic.digest)
      for partition in topic.partitions {
        _ = (partition.digest, partition.largestRecord, partition.minTimestamp, partition.maxTimestamp)
        _ = try? topic.totals(partition.partition)
        _ = try? topic.totals(partition.partition, Selection(fromOffset: 1, fromTimestamp: 1))
      }
      _ = try? topic.verify()
      _ = try? count(topic, .everything)
    }
  }

  private static func count(_ topic: ArchivedTopic, _ selection: Selection) throws -> Int64 {
    var count: Int64 = 0
    try topic.forEachRecord(selection) { _ in count += 1 }
    return count
  }
}
