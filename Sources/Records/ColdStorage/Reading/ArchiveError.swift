package import Crypto

/// Why an archive cannot be read or written.
package enum ArchiveError: Error, Hashable, CustomStringConvertible {
  case storage(StorageError)
  case damaged(DamagedSegment)
  /// `archive.json` or `segments.json` is not what it should be.
  case index(file: String, reason: String)
  /// Written by a newer program, or by none of ours.
  case unsupportedVersion(file: String, found: Int64, supported: Int64)
  /// The store has no archive of the topic.
  case noSuchTopic(topic: String, at: String)
  /// The archive of the topic has no such partition.
  case noSuchPartition(topic: String, partition: Int32)
  /// There are segments and no index of them, and no sign of a capture that was cut short.
  case notIndexed(folder: String)
  /// Not of a file: a record that cannot be encoded, a codec that cannot be read, memory.
  case batch(BatchError)
  case crypto(CryptoError)

  /// What was read a moment ago is not there any more, all of it.
  static func gone(_ place: String) -> ArchiveError {
    .storage(.unavailable(store: place, reason: "the whole archive is gone from it; is the volume mounted?"))
  }

  package var description: String {
    switch self {
    case .storage(let error): error.description
    case .damaged(let damage): damage.description
    case .index(let file, let reason): "\(file) cannot be understood: \(reason)"
    case .unsupportedVersion(let file, let found, let supported):
      "\(file) has format version \(found); this program reads version \(supported)"
    case .noSuchTopic(let topic, let place): "there is no archive of topic '\(topic)' in \(place)"
    case .noSuchPartition(let topic, let partition): "the archive of topic '\(topic)' has no partition \(partition)"
    case .notIndexed(let folder):
      "\(folder) holds segments but no archive.json; 'thaw storage reindex' makes one"
    case .batch(let error): error.description
    case .crypto(let error): error.description
    }
  }
}
