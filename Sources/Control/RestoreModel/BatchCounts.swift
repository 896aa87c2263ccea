/// What became of the stored batches that were sent, by the sink that can send them as they are. Empty on the per-record path.
///
/// Each stored batch of which something was sent counts once.
package struct BatchCounts: Hashable, Sendable {
  /// Sent as they are stored.
  package var unopened: Int64 = 0
  /// Too small to pay: opened, and sent together as larger ones.
  package var merged: Int64 = 0
  /// Opened and encoded again, by what made it necessary.
  package var opened: [OpenedReason: Int64] = [:]

  package init() {}

  package var isEmpty: Bool { unopened == 0 && merged == 0 && opened.values.allSatisfy { $0 == 0 } }

  package mutating func add(_ other: BatchCounts) {
    unopened += other.unopened
    merged += other.merged
    opened.merge(other.opened, uniquingKeysWith: +)
  }
}

/// Why a stored batch can't be sent as it is. Written into the control topics by these names.
package enum OpenedReason: String, CaseIterable, Sendable {
  /// A time or offset bound cuts it, or may: a batch doesn't tell its lowest timestamp.
  case bounds
  /// A header is added, or schema ids are mapped.
  case changes
  /// Offsets are missing inside: a batch that is produced has none missing.
  case gaps
  /// Above the target's `max.message.bytes`, or holding more than a transaction may.
  case size
  /// A broker of the sink has refused a batch of its codec.
  case codec
  /// Log append time: no producer can say that a batch has it.
  case timestamps
  /// Too large for the throttle.
  case throttle
}
