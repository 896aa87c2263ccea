import CChecksum
import ColdStorage
import KafkaProtocol

/// Batches that a broker might have written, with checksums put right, on the two ways that they may go to another: signed, or opened and encoded anew.
enum BatchTargets {
  private static let log = "orders/0/00000000000000000000.log"

  static func batches(_ bytes: [UInt8]) throws {
    let bytes = withChecksums(bytes)
    try bytes.withUnsafeBytes { all in
      for range in ranges(all) { try sign(UnsafeRawBufferPointer(rebasing: all[range])) }
    }
    guard let topic = try? indexed(bytes) else { return }
    let written = try records(topic)
    for codec in BatchBuilder.codecs {
      let again = try records(try indexed(try encoded(topic, codec)))
      try require(again == written, "\(written.count) records are others, or another number, after \(codec)")
    }
  }

  /// The producer's fields are set and nothing else is changed, however it is signed; and one bit that fell over is noticed.
  private static func sign(_ batch: UnsafeRawBufferPointer) throws {
    let header = UnsafeRawBufferPointer(rebasing: batch[..<BatchSigner.headerSize])
    let payload = UnsafeRawBufferPointer(rebasing: batch[BatchSigner.headerSize...])
    guard BatchSigner.obstacle(header: header, payloadSize: payload.count) == nil else { return }
    guard let sequence = SequenceNumber(2_000_000_000) else { return }
    let identity = ProducerIdentity(id: 4711, epoch: 7)
    let signer = BatchSigner(identity, isTransactional: true)
    let signed = try signer.verifyAndSign(header: header, payload: payload, sequence: sequence)
    try require(
      signed == signer.sign(header: header, payloadSize: payload.count, sequence: sequence),
      "the two ways to sign differ")
    try (signed + payload).withUnsafeBytes { whole in
      let parsed = try BatchHeader(parsing: whole)
      try parsed.check(whole)
      try require(
        parsed.producerID == identity.id && parsed.producerEpoch == identity.epoch
          && parsed.baseSequence == sequence.value && parsed.attributes.isTransactional && parsed.baseOffset == 0
          && parsed.recordCount == BatchSigner.recordCount(header: header), "it is signed as \(parsed)")
    }
    var damaged = Array(payload)
    guard let last = damaged.indices.last else { return }
    damaged[last] ^= 1
    let found = damaged.withUnsafeBytes { payload in
      (try? signer.verifyAndSign(header: header, payload: payload, sequence: sequence)) == nil
    }
    try require(found, "a damaged batch is signed")
  }

  private static func indexed(_ log: [UInt8]) throws -> ArchivedTopic {
    let store = MemoryStore()
    store.blobs[Self.log] = log
    _ = try Reindex(store, topic: "orders").run(now: 1)
    return try ArchiveReader(store).open("orders")
  }

  private struct Record: Equatable {
    let offset: Int64
    let timestamp: Int64
    let key: [UInt8]?
    let value: [UInt8]?
    var headers: [[UInt8]?] = []
  }

  private static func records(_ topic: ArchivedTopic) throws -> [Record] {
    var records: [Record] = []
    try topic.forEachRecord { view in
      var record = Record(
        offset: view.offset, timestamp: view.timestamp, key: view.key.map(Array.init), value: view.value.map(Array.init)
      )
      var headers = view.headers
      while let header = try headers.next() { record.headers += [Array(header.name), header.value.map(Array.init)] }
      records.append(record)
    }
    return records
  }

  /// All records in batches of another size.
  private static func encoded(_ topic: ArchivedTopic, _ codec: BatchCodec) throws -> [UInt8] {
    let builder = try BatchBuilder(codec: codec, limit: 300)
    var log: [UInt8] = []
    try topic.forEachRecord { view in
      var record = SourceRecord(offset: view.offset, timestamp: view.timestamp, key: view.key, value: view.value)
      var headers = view.headers
      while let header = try headers.next() { record.headers.append(header) }
      guard try !builder.add(record) else { return }
      if let batch = try builder.finish() { log += batch.bytes }
      try require(try builder.add(record), "a record doesn't fit into a batch of its own")
    }
    if let batch = try builder.finish() { log += batch.bytes }
    return log
  }

  /// Of whole batches, from the first byte on, as long as one follows another.
  private static func ranges(_ bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var position = 0
    while position + BatchHeader.byteCount <= bytes.count {
      let length = bytes[(position + 8)..<(position + 12)].reduce(0) { $0 << 8 | Int($1) }
      let end = position + 12 + length
      guard length >= BatchHeader.byteCount - 12, end <= bytes.count else { break }
      ranges.append(position..<end)
      position = end
    }
    return ranges
  }

  static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for range in bytes.withUnsafeBytes(ranges) {
      let sum = bytes.withUnsafeBytes { all -> UInt32 in
        let covered = UnsafeRawBufferPointer(rebasing: all[range.dropFirst(21)])
        return crc32c(0, covered.baseAddress, covered.count)
      }
      withUnsafeBytes(of: sum.bigEndian) { bytes.replaceSubrange(range.dropFirst(17).prefix(4), with: $0) }
    }
    return bytes
  }
}

extension ArchivedTopic {
  /// Of partition 0. A batch that inflates to more than a megabyte is an error.
  func forEachRecord(_ selection: Selection = .everything, _ body: (RecordView) throws -> Void) throws {
    let reader = try reader(0, selection, window: 4096)
    let inflater = try BatchInflater()
    let slot = try RecordBuffer(limit: 1 << 20)
    while let batch = try reader.next() {
      try inflater.inflate(batch, into: slot)
      var records = batch.records(slot)
      while let record = try records.next() { try body(record) }
    }
  }
}
