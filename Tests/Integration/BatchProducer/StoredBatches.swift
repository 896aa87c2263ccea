import ColdStorage
import Kafka
import KafkaProtocol
import TestSupport

/// Batches of one partition as an archive holds them, in memory that stays where it is.
final class StoredBatches: @unchecked Sendable {
  let records: [TestRecord]
  private(set) var batches: [(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer)] = []
  private var memory: [UnsafeMutableRawBufferPointer] = []

  init(_ count: Int, from first: Int64 = 0, batchBytes: Int = 4000, valueBytes: Int = 60) throws {
    records = (first..<(first + Int64(count))).map { Self.record($0, valueBytes) }
    let archive = try TestArchive()
    try archive.write("batches", [records], limits: .init(batchBytes: batchBytes))
    let reader = try archive.reader.open("batches").reader(0, .everything, window: 64 << 10)
    while let batch = try reader.next() {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: batch.bytes.count, alignment: 8)
      copy.copyMemory(from: batch.bytes)
      memory.append(copy)
      let (header, payload) = (copy[..<BatchSigner.headerSize], copy[BatchSigner.headerSize...])
      batches.append((UnsafeRawBufferPointer(rebasing: header), UnsafeRawBufferPointer(rebasing: payload)))
    }
  }

  deinit { memory.forEach { $0.deallocate() } }

  /// Null and empty, headers, and timestamps that mean something else to other clients.
  private static func record(_ offset: Int64, _ valueBytes: Int) -> TestRecord {
    var record = TestRecord(plain: offset, size: valueBytes)
    switch offset % 7 {
    case 1: record.key = nil
    case 2: record.value = nil
    case 3: record.value = []
    case 4: record.headers = [.init("h", nil), .init("h", []), .init("", [1])]
    case 5: record.timestamp = 0
    case 6: record.timestamp = -1
    default: break
    }
    return record
  }

  /// Offers every batch, each in a slot of its own, and polls as a lane does.
  func send(to target: Int, through producer: BatchProducer, verifying: Bool = false) throws {
    for (slot, batch) in batches.enumerated() {
      while try producer.produce(
        to: target, slot: slot, header: batch.header, payload: batch.payload, verifying: verifying) == .full
      {
        try producer.poll(timeout: .milliseconds(100))
      }
      try producer.poll()
    }
  }

  static func contents(_ records: [ConsumedRecord]) -> [TestRecord] {
    records.enumerated().map { index, record in
      TestRecord(
        offset: 0, timestamp: record.timestamp, key: record.key, value: record.value,
        headers: record.headers.map { .init($0.name, $0.value) })
    }
  }

  var contents: [TestRecord] {
    records.map { record in
      var record = record
      record.offset = 0
      return record
    }
  }
}
