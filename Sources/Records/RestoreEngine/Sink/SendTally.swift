import ColdStorage
import RestoreModel

/// What one transaction has sent of one partition.
struct SendTally {
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
}
