import ColdStorage
import RestoreModel

/// Gives a partition's batches as they go over the wire: stored ones as they are wherever the rules allow it, all others opened and encoded
/// again, small ones put together.
///
/// Every slot that it fills is complete but for compression, so feeds of one thread can take turns with one encoder.
final class WireFeed: BatchFeed {
  private let partition: Int
  private let selection: Selection
  private let reader: PartitionReader
  private let rules: WireRules
  private let inflater: BatchInflater
  private let encoder: WireEncoder
  /// Read, and not in any slot yet.
  private var held: StoredBatch?
  private let inflated: RecordBuffer
  /// The batch whose records lie in `inflated`, up to the end of its records.
  private var opened: OpenedBatch?
  /// Of the slot that is being encoded.
  private var tally = SendTally()
  private var isEncoding = false

  init(
    _ source: ReadAhead.Source, _ reader: PartitionReader, _ rules: WireRules, _ inflater: BatchInflater,
    _ encoder: WireEncoder
  ) throws(BatchError) {
    partition = source.partition
    selection = source.selection
    self.reader = reader
    self.rules = rules
    self.inflater = inflater
    self.encoder = encoder
    inflated = try RecordBuffer()
  }

  func next(into slot: LoadedBatch) throws -> Bool {
    // A small batch in the slot, which goes as it is unless the next one is small too.
    var lone: StoredBatch?
    while true {
      if let opened {
        // The rest of a batch that didn't fit into the slot before: other feeds have used the encoder since.
        if !isEncoding { try begin(opened.codec) }
        guard try encodeOpened() else { return try finish(slot) }
      }
      guard let batch = try held ?? reader.next() else {
        if isEncoding { return try finish(slot) }
        return lone != nil
      }
      held = batch
      let treatment = rules.treatment(of: batch)
      switch treatment {
      case .asStored:
        if lone != nil { return true }
        if isEncoding { return try finish(slot) }
        try lay(batch, in: slot)
        return true
      case .small where lone == nil && !isEncoding:
        try lay(batch, in: slot)
        lone = slot.wire.map(batch.moved(to:))
      case .small:
        if let first = lone {
          lone = nil
          held = batch
          try open(first, nil)
          continue
        }
        guard try open(batch, nil) else { return try finish(slot) }
        held = nil
      case .opened(let reason):
        if lone != nil { return true }
        guard try open(batch, reason) else { return try finish(slot) }
        held = nil
      }
    }
  }

  private func lay(_ batch: StoredBatch, in slot: LoadedBatch) throws(BatchError) {
    var tally = SendTally()
    tally.digest = rules.changes.digests ? batch.digest : .counting(batch.digest.records)
    tally.nextOffset = nextOffset(behind: batch)
    tally.recordsRead = batch.digest.records
    tally.bytesRead = batch.estimatedContentBytes
    tally.bytesSent = batch.estimatedContentBytes
    tally.batches.unopened = 1
    try slot.lay(batch, from: reader, of: partition, tally)
    held = nil
  }

  private func nextOffset(behind batch: StoredBatch) -> Int64 {
    min(batch.header.lastOffset + 1, selection.untilOffset ?? .max)
  }

  /// False when the batch must wait for another slot.
  /// - Parameter reason: nil: it is put together with others.
  @discardableResult
  private func open(_ batch: StoredBatch, _ reason: OpenedReason?) throws -> Bool {
    let codec = rules.encoding(of: batch.header.attributes.codec)
    if isEncoding, !encoder.isEmpty, encoder.current?.codec != codec { return false }
    try inflater.inflate(batch, into: inflated)
    let splits = reason == .changes || reason == .bounds
    if encoder.isEmpty || !isEncoding {
      try begin(codec)
    } else if !splits, !encoder.hasRoom(bytes: inflated.count, records: batch.header.recordCount) {
      return false
    }
    opened = OpenedBatch(batch, inflated, codec, nextOffset: nextOffset(behind: batch), digestsRecords: splits)
    if let reason { tally.batches.opened[reason, default: 0] += 1 } else { tally.batches.merged += 1 }
    return true
  }

  private func begin(_ codec: BatchCodec) throws {
    try encoder.begin(codec, limit: rules.batchLimit)
    isEncoding = true
  }

  /// Bytes that are looked at for one slot though none of them is sent.
  private static let longestSearch = 8 << 20

  /// Encodes what is left of the opened batch; false when the slot is full before its end.
  private func encodeOpened() throws -> Bool {
    guard var batch = opened, let builder = encoder.current else { return true }
    // Locals: a class's properties cost a check at every access.
    var tally = tally
    let (encoder, selection, changes) = (encoder, selection, rules.changes)
    var number = builder.recordCount
    defer {
      self.tally = tally
      opened = batch.isOver ? nil : batch
    }
    do {
      while let record = try batch.next() {
        switch try Self.verdict(record, isNew: batch.isNew, selection, changes, &tally) {
        case .outside: break
        case .filtered: tally.count(filtered: record)
        case .selected:
          let sent = encoder.changed(record, number: number)
          guard try builder.add(sent) else {
            batch.putBack(record)
            try digestPrefix(&batch, before: record.offset, &tally)
            return false
          }
          number += 1
          if batch.digestsRecords { tally.digest.append(try encoder.digester.digest(sent)) }
          tally.count(sent: record, record.timestamp)
        }
      }
    } catch let error as BatchError {
      throw batch.failure(error)
    }
    if !batch.digestsRecords {
      tally.digest.append(changes.digests ? batch.storedDigest : .counting(batch.storedDigest.records))
    }
    tally.nextOffset = batch.nextOffset
    return !(number == 0 && tally.bytesRead > Self.longestSearch)
  }

  /// A record that was put back has been looked at before, and its schema ids may be new ones already.
  @inline(__always)
  private static func verdict(
    _ record: RecordView, isNew: Bool, _ selection: Selection, _ changes: RecordChanges, _ tally: inout SendTally
  ) throws -> RecordVerdict {
    guard isNew else { return .selected }
    let verdict = RecordVerdict(record, selection)
    guard verdict == .selected, changes.readsSchemaIDs else { return verdict }
    return try SchemaIDs.map(record, changes, &tally.schemas) == .skip ? .filtered : .selected
  }

  /// The batch is spread over several slots: its own digest says nothing then.
  private func digestPrefix(
    _ batch: inout OpenedBatch, before offset: Int64, _ tally: inout SendTally
  ) throws(BatchError) {
    guard !batch.digestsRecords else { return }
    batch.digestsRecords = true
    var sent = batch.allRecords
    while let record = try sent.next(), record.offset < offset {
      tally.digest.append(try encoder.digester.digest(record, timestamp: record.timestamp))
    }
  }

  private func finish(_ slot: LoadedBatch) throws -> Bool {
    if let batch = try encoder.seal() {
      slot.lay(batch, of: partition, tally)
    } else {
      try slot.lay(try encoder.finish(), of: partition, tally)
    }
    tally = SendTally()
    isEncoding = false
    return true
  }
}
