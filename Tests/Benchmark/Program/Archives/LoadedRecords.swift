import CBaseline
import ColdStorage
import Glibc

/// All records of an archive in memory, for the C. Nothing of it changes once it is made.
final class LoadedRecords: @unchecked Sendable {
  private(set) var records: [baseline_record] = []
  private var slots: [RecordBuffer] = []

  init(_ archive: BenchArchive) throws {
    records.reserveCapacity(Int(archive.records))
    let reader = try archive.open().reader(0)
    let inflater = try BatchInflater()
    while let batch = try reader.next() {
      let slot = try RecordBuffer()
      try inflater.inflate(batch, into: slot)
      slots.append(slot)
      var cursor = batch.records(slot)
      while let record = try cursor.next() {
        records.append(
          baseline_record(
            key: record.key?.baseAddress, value: record.value?.baseAddress,
            key_size: record.key.map { Int32(truncatingIfNeeded: $0.count) } ?? -1,
            value_size: record.value.map { Int32(truncatingIfNeeded: $0.count) } ?? -1, timestamp: record.timestamp))
      }
    }
    guard records.count == archive.records else { throw Wrong("\(records.count) records were read") }
  }

  /// Sends them to every topic, in one transaction a second.
  func send(to topics: [String], codec: BatchCodec, _ servers: String) throws {
    let names = topics.map { strdup($0) }
    defer { for name in names { free(name) } }
    var outcome = baseline_outcome()
    let pointers = names.map { UnsafePointer<CChar>($0) }
    let result = servers.withCString { servers in
      "c-\(topics[0])".withCString { id in
        codec.description.withCString { codec in
          pointers.withUnsafeBufferPointer { topics in
            var settings = baseline_settings(
              servers: servers, transactional_id: id, codec: codec, topics: topics.baseAddress,
              topic_count: Int32(topics.count), commit_seconds: 1)
            return baseline_run(&settings, records, Int64(records.count), &outcome)
          }
        }
      }
    }
    guard result == 0 else {
      let message = withUnsafeBytes(of: &outcome.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw Wrong("the C program: \(message)")
    }
  }
}
