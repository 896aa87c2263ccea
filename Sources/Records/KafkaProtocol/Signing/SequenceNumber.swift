/// Numbers of records of one producer and partition: they begin at 0 and wrap at 2^31 (KIP-98, `DefaultRecordBatch.incrementSequence`).
package struct SequenceNumber: Sendable, Hashable {
  package private(set) var value: Int32 = 0

  package init() {}

  package init?(_ value: Int32) {
    guard value >= 0 else { return nil }
    self.value = value
  }

  package mutating func advance(by count: Int32) {
    value = Int32(truncatingIfNeeded: (Int64(value) + Int64(count)) & Int64(Int32.max))
  }
}
