/// Which records are wanted: those inside all of the bounds that are given.
package struct Selection: Hashable, Sendable {
  package static let everything = Selection()

  /// Inclusive.
  package var fromOffset: Int64?
  /// Exclusive.
  package var untilOffset: Int64?
  /// Inclusive, in milliseconds.
  package var fromTimestamp: Int64?
  /// Exclusive, in milliseconds.
  package var untilTimestamp: Int64?

  package init(
    fromOffset: Int64? = nil, untilOffset: Int64? = nil, fromTimestamp: Int64? = nil, untilTimestamp: Int64? = nil
  ) {
    self.fromOffset = fromOffset
    self.untilOffset = untilOffset
    self.fromTimestamp = fromTimestamp
    self.untilTimestamp = untilTimestamp
  }

  @inline(__always)
  package func contains(offset: Int64, timestamp: Int64) -> Bool {
    if let fromOffset, offset < fromOffset { return false }
    if let untilOffset, offset >= untilOffset { return false }
    if let fromTimestamp, timestamp < fromTimestamp { return false }
    if let untilTimestamp, timestamp >= untilTimestamp { return false }
    return true
  }

  /// What is known of a run of records before it is opened.
  package struct Extent: Hashable, Sendable {
    var baseOffset: Int64
    var lastOffset: Int64
    /// A true lower bound of the timestamps.
    var minTimestamp: Int64
    /// A true upper bound of the timestamps.
    var maxTimestamp: Int64
  }

  package enum Verdict: Hashable, Sendable {
    /// Every record is wanted.
    case whole
    /// Some may be: look at each.
    case someRecords
    /// None is.
    case none
  }

  package func verdict(of extent: Extent) -> Verdict {
    if let fromOffset, extent.lastOffset < fromOffset { return .none }
    if let untilOffset, extent.baseOffset >= untilOffset { return .none }
    if let fromTimestamp, extent.maxTimestamp < fromTimestamp { return .none }
    if let untilTimestamp, extent.minTimestamp >= untilTimestamp { return .none }
    if let fromOffset, extent.baseOffset < fromOffset { return .someRecords }
    if let untilOffset, extent.lastOffset >= untilOffset { return .someRecords }
    if let fromTimestamp, extent.minTimestamp < fromTimestamp { return .someRecords }
    if let untilTimestamp, extent.maxTimestamp >= untilTimestamp { return .someRecords }
    return .whole
  }
}
