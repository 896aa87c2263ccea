package import ControlTopics
import Threads

/// One fold of `specs` and `status`, each of which a thread of its own reads.
///
/// Reading a record is most of the work and needs no lock. What was read is applied many at a time: two threads that took the lock for each record
/// would spend their time waking one another.
package final class SharedFold: Sendable {
  private let decoder = Locked(StateDecoder())

  package init() {}

  package func part() -> Part { Part(decoder) }

  /// What the parts have applied so far.
  package var folded: StateDecoder { decoder.withLock { $0 } }

  /// One topic's records, in their order. Used by one thread at a time.
  package final class Part: Sendable {
    private static let atOnce = 256

    private let decoder: Locked<StateDecoder>
    private let waiting = Locked([StateRecord]())

    fileprivate init(_ decoder: Locked<StateDecoder>) { self.decoder = decoder }

    /// Throws `CorruptLog` for this record or for an earlier one.
    package func take(_ record: ControlRecord) throws {
      guard let read = try StateRecord(record) else { return }
      let isMuch = waiting.withLock { waiting in
        if waiting.isEmpty { waiting.reserveCapacity(Self.atOnce) }
        waiting.append(read)
        return waiting.count >= Self.atOnce
      }
      if isMuch { try applyWaiting() }
    }

    /// To be called after the last record.
    package func applyWaiting() throws {
      let records = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      try decoder.withLock { decoder in
        for record in records { try decoder.apply(record) }
      }
    }
  }
}
