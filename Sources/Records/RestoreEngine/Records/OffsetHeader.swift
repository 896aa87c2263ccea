import ColdStorage

/// The header that carries a record's original offset, in decimal, in memory that is used again and again.
final class OffsetHeader {
  private let name: UnsafeMutableRawBufferPointer
  private let digits = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 1)

  init(name: [UInt8]) {
    self.name = UnsafeMutableRawBufferPointer.allocate(byteCount: name.count, alignment: 1)
    self.name.copyBytes(from: name)
  }

  deinit {
    name.deallocate()
    digits.deallocate()
  }

  /// Borrowed until the next call.
  func with(_ offset: Int64) -> HeaderView {
    var (rest, start) = (UInt64(max(0, offset)), digits.count)
    repeat {
      start -= 1
      let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
      digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: ones)
      rest = tens
    } while rest > 0
    return HeaderView(
      name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer(rebasing: digits[start...]))
  }
}
