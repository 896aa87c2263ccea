import ColdStorage

/// A slot, and the batch that is in it: read, checked and inflated by the reader's thread, perhaps compressed by a third, sent by the lane's. It belongs
/// to one of them at a time.
final class LoadedBatch: @unchecked Sendable {
  let slot: Int
  private var buffer: RecordBuffer
  /// Index of the lane's partition.
  private(set) var partition = 0
  private var header: BatchHeader?
  /// Of all records of the batch, as they are stored.
  private(set) var storedDigest = RecordsDigest.empty
  /// Every record is selected.
  private(set) var isWhole = false
  private(set) var selection = Selection.everything
  private var place: BatchPlace?

  /// The batch as it goes over the wire, header first; nil when nothing of it is sent, or records are sent one by one.
  private(set) var wire: UnsafeRawBufferPointer?
  /// What sending it counts as.
  private(set) var prepared = SendTally()
  /// What can't be sent before `pack`, which any thread may do.
  private var unpacked: UnpackedBatch?

  // The sender's, between two calls.
  var cursor: RecordCursor?
  /// Taken from the cursor and not sent yet.
  var pending: RecordView?
  /// The batch's own digest doesn't say what is sent, since not all of it goes into one transaction, or not as it is.
  var digestsRecords = false

  init(slot: Int) throws(BatchError) {
    self.slot = slot
    buffer = try RecordBuffer()
  }

  /// Inflated bytes, and those of the memory that holds them.
  var size: Int { buffer.count }
  var capacity: Int { buffer.capacity }
  /// Bytes of memory with what is not packed yet.
  var footprint: Int { buffer.capacity + (unpacked?.records.capacity ?? 0) }
  var isUnpacked: Bool { unpacked != nil }

  /// The reader's: lays the batch in.
  func load(
    _ batch: StoredBatch, of partition: Int, _ selection: Selection, _ inflater: BatchInflater
  ) throws(ArchiveError) {
    try inflater.inflate(batch, into: buffer)
    self.partition = partition
    self.selection = selection
    header = batch.header
    storedDigest = batch.digest
    isWhole = batch.verdict == .whole
    place = batch.place
    cursor = RecordCursor(batch.header, records: buffer.bytes)
    pending = nil
    digestsRecords = !isWhole
    wire = nil
    unpacked = nil
  }

  /// The reader's: lays in what goes over the wire as it is.
  func lay(_ bytes: UnsafeRawBufferPointer?, of partition: Int, _ tally: SendTally) throws(BatchError) {
    buffer.setCount(0)
    if let bytes { try buffer.append(bytes) }
    hold(bytes == nil ? nil : buffer.bytes, of: partition, tally)
  }

  /// The reader's: lays in what was encoded and is to be packed yet.
  func lay(_ batch: UnpackedBatch, of partition: Int, _ tally: SendTally) {
    hold(nil, of: partition, tally)
    unpacked = batch
  }

  /// Makes of what was encoded what goes over the wire.
  ///
  /// - Returns: memory that is of no more use here.
  func pack(_ packer: BatchPacker) throws(BatchError) -> RecordBuffer? {
    guard let batch = unpacked.take() else { return nil }
    let bytes = try packer.pack(batch).bytes
    buffer.setCount(0)
    try buffer.append(bytes)
    wire = buffer.bytes
    return batch.records
  }

  /// The reader's: lays in a stored batch that goes over the wire as it is, the one that `reader` gave last.
  func lay(
    _ batch: StoredBatch, from reader: PartitionReader, of partition: Int, _ tally: SendTally
  ) throws(BatchError) {
    hold(try reader.hand(batch, to: buffer), of: partition, tally)
  }

  private func hold(_ bytes: UnsafeRawBufferPointer?, of partition: Int, _ tally: SendTally) {
    self.partition = partition
    prepared = tally
    wire = bytes
    unpacked = nil
    (header, place, cursor, pending) = (nil, nil, nil, nil)
  }

  /// A second walk over the batch from its beginning.
  var records: RecordCursor? { header.map { RecordCursor($0, records: buffer.bytes) } }

  /// Of the batch's last record, if any; −1 in an empty slot.
  var lastOffset: Int64 { header?.lastOffset ?? -1 }

  /// Gives memory back that an uncommonly large batch has taken.
  func shrink() throws(BatchError) { buffer = try RecordBuffer() }

  func failure(_ error: BatchError) -> ArchiveError {
    guard let place, let header else { return .batch(error) }
    return .damaged(
      DamagedSegment(
        file: place.file, position: place.position, offsets: header.baseOffset...header.lastOffset,
        reason: error.description))
  }
}
