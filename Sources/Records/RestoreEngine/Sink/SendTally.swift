import ColdStorage
import RestoreModel

/// What one transaction has sent of one partition.
struct SendTally: Equatable {
  /// Of what was sent, as it was sent.
  var digest = RecordsDigest.empty
  /// The source offset behind the last record looked at; nil when none was.
  var nextOffset: Int64?
  var recordsRead: Int64 = 0
  var recordsFiltered: Int64 = 0
  var bytesRead: Int64 = 0
  var bytesSent: Int64 = 0
  var zeroTimestamps: Int64 = 0
  var schemas = SchemaCounts()
  var batches = BatchCounts()

  /// What comes behind it.
  mutating func add(_ other: SendTally) {
    digest.append(other.digest)
    nextOffset = other.nextOffset ?? nextOffset
    recordsRead += other.recordsRead
    recordsFiltered += other.recordsFiltered
    bytesRead += other.bytesRead
    bytesSent += other.bytesSent
    zeroTimestamps += other.zeroTimestamps
    schemas.add(other.schemas)
    batches.add(other.batches)
  }

  @inline(__always)
  mutating func count(filtered record: RecordView) {
    recordsRead += 1
    recordsFiltered += 1
    bytesRead += Int64(record.contentSize)
    nextOffset = record.offset + 1
  }

  /// - Parameter timestamp: the one that is sent.
  @inline(__always)
  mutating func count(sent record: RecordView, _ timestamp: Int64) {
    if timestamp != record.timestamp { zeroTimestamps += 1 }
    recordsRead += 1
    bytesRead += Int64(record.contentSize)
    bytesSent += Int64(record.contentSize)
    nextOffset = record.offset + 1
  }
}
