/// Where a segment is not what it should be. Damage is told and never skipped.
package struct DamagedSegment: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path or URL.
  package let file: String
  /// In bytes from the file's beginning: of the batch that does not fit, or where bytes are missing.
  package let position: UInt64
  /// The offsets that cannot be read for it: those that the batch names if it can be believed, else from the first
  /// one that was not read to the segment's last.
  package let offsets: ClosedRange<Int64>
  package let reason: String

  package init(file: String, position: UInt64, offsets: ClosedRange<Int64>, reason: String) {
    self.file = file
    self.position = position
    self.offsets = offsets
    self.reason = reason
  }

  package var description: String {
    "\(file) is damaged at byte \(position), offsets \(offsets.lowerBound) to \(offsets.upperBound): \(reason)"
  }
}
