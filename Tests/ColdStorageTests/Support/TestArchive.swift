import Glibc

@testable import ColdStorage

/// An archive of one topic in a folder of its own.
final class TestArchive {
  let folder: TemporaryFolder
  let store: VolumeStore
  let topic: String

  init(_ topic: String = "orders") throws {
    folder = try TemporaryFolder()
    store = try VolumeStore(root: folder.path)
    self.topic = topic
  }

  /// An archive of one partition.
  convenience init(
    _ records: [TestRecord], codec: BatchCodec = .zstd, limits: PartitionWriter.Limits = .init(),
    type: TimestampKind = .createTime
  ) throws {
    try self.init()
    try write([records], codec: codec, limits: limits, type: type)
  }

  func writer(
    codec: BatchCodec = .zstd, limits: PartitionWriter.Limits = .init()
  ) throws -> TopicArchiveWriter {
    try TopicArchiveWriter(store, topic: topic, codec: codec, limits: limits)
  }

  func write(
    _ partitions: [[TestRecord]], codec: BatchCodec = .zstd, limits: PartitionWriter.Limits = .init(),
    type: TimestampKind = .createTime
  ) throws {
    let writer = try writer(codec: codec, limits: limits)
    for (number, records) in partitions.enumerated() { try append(records, to: writer, Int32(number), type) }
    try commit(writer, partitions: Int32(partitions.count))
  }

  func append(
    _ records: [TestRecord], to writer: TopicArchiveWriter, _ partition: Int32 = 0,
    _ type: TimestampKind = .createTime
  ) throws {
    let partition = try writer.writer(partition, startOffset: 0)
    for record in records { try record.borrowed { try partition.append($0, type) } }
  }

  func commit(_ writer: TopicArchiveWriter, partitions: Int32 = 1) throws {
    var ends: [Int32: Int64] = [:]
    for number in 0..<partitions { ends[number] = try writer.writer(number, startOffset: 0).resumeOffset }
    try writer.commit(
      ArchiveIndex(
        topic: topic, partitionCount: partitions, configuration: ["cleanup.policy": "delete"],
        capturedAt: 1_700_000_000_000, bounds: (0..<partitions).map { 0..<(ends[$0] ?? 0) }),
      endOffsets: ends)
  }

  func open() throws -> ArchivedTopic { try ArchiveReader(store).open(topic) }

  func records(
    _ partition: Int32 = 0, _ selection: Selection = .everything, window: Int = 4 << 20
  ) throws -> [TestRecord] {
    try Self.records(try open().reader(partition, selection, window: window))
  }

  static func records(_ reader: PartitionReader) throws -> [TestRecord] {
    let inflater = try BatchInflater()
    let slot = try RecordBuffer()
    var records: [TestRecord] = []
    while let batch = try reader.next() {
      try inflater.inflate(batch, into: slot)
      var cursor = batch.records(slot)
      while let record = try cursor.next() { records.append(try TestRecord(record)) }
    }
    return records
  }
}
