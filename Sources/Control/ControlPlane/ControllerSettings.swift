/// Bounds of the owner's loop. The defaults are for production; tests shrink them.
package struct ControllerSettings: Sendable {
  /// Commands that may share one transaction.
  package var commandsPerTransaction = 200
  /// Bytes of records after which a transaction takes no further decision; also the runs that a take-over puts into one.
  package var bytesPerTransaction = 2_000_000
  /// At most one status record of mere progress for a Restore in so many milliseconds.
  package var progressInterval: Int64 = 1000
  /// How long `ImportTopics` may list an archive while every other decision waits; milliseconds.
  package var listingTimeout: Int64 = 10_000
  /// Between two looks for a foreign transaction that hides the tail of a topic; milliseconds.
  package var blockedInterval: Int64 = 5000
  /// Between two looks through the command ids of what is deleted, for those whose time is over; milliseconds.
  package var forgettingInterval: Int64 = 60_000
  /// Between two tries to take over, doubled up to the maximum; milliseconds.
  package var backoff: ClosedRange<Int64> = 50...5000
  /// Takes a random part of a wait, so that two instances don't keep in step.
  package var jitter: @Sendable (Int64) -> Int64 = { $0 / 2 + Int64.random(in: 0...max(1, $0 / 2)) }

  package init() {}
}
