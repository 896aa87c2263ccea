/// Where an archive of a partition ends, to be compared with the topic before more is added.
package struct LastRecord: Hashable, Sendable {
  package let offset: Int64
  package let digest: RecordsDigest
}

extension TopicArchiveWriter {
  /// The last record that is archived of a partition; nil when there is none.
  package func lastRecord(_ number: Int32) throws(ArchiveError) -> LastRecord? {
    guard var index = partition(number), let segment = index.segments.last else { return nil }
    index.segments = [segment]
    let reader = try PartitionReader(
      store, folder, index, Selection(fromOffset: segment.lastOffset), window: 4 << 20)
    let inflater = try BatchInflater()
    let slot = try RecordBuffer.make()
    var last: LastRecord?
    while let batch = try reader.next() {
      try inflater.inflate(batch, into: slot)
      do {
        let digester = try RecordDigester()
        var records = batch.records(slot)
        while let record = try records.next() {
          last = LastRecord(offset: record.offset, digest: try digester.digest(of: record))
        }
      } catch {
        throw batch.failure(error)
      }
    }
    return last
  }
}
