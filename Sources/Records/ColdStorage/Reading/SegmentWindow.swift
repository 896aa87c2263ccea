/// A segment's bytes, in order, through a buffer that grows to the largest batch. Small batches are read many at once, a large one alone, so that
/// its memory can be handed on.
final class SegmentWindow {
  let file: String
  private let reader: any BlobReader
  private let size: UInt64
  /// What cannot be read when the file as a whole is not as it should be.
  private let offsets: ClosedRange<Int64>
  private let buffer: RecordBuffer
  private let window: Int
  /// The file position of the buffer's first byte.
  private var start: UInt64 = 0
  /// Where in the buffer the next batch begins.
  private var next = 0
  /// Where in the buffer that lies which was taken last.
  private var taken = 0..<0
  private var hash: SegmentHash?

  /// - Parameters:
  ///   - size: how long the file must be; nil takes it as it is.
  ///   - sums: which ones `sums` will give.
  ///   - window: how many bytes are read at once; nil: as many as the buffer has room for.
  init(
    _ store: any BlobStore, _ key: BlobKey, size: UInt64?, offsets: ClosedRange<Int64>, sums: SegmentHash.Kind,
    buffer: RecordBuffer, window: Int? = nil
  ) throws(ArchiveError) {
    file = store.location(of: key)
    self.offsets = offsets
    self.buffer = buffer
    self.window = window ?? buffer.capacity
    buffer.setCount(0)
    do {
      reader = try store.open(key)
    } catch {
      guard case .missing = error else { throw .storage(error) }
      throw Self.damage(file, offsets, 0, "it is missing")
    }
    self.size = size ?? reader.size
    guard reader.size == self.size else {
      throw Self.damage(
        file, offsets, min(reader.size, self.size), "it is \(reader.size) bytes long, not \(self.size)")
    }
    hash = try SegmentHash(sums)
  }

  var position: UInt64 { start + UInt64(next) }

  var isAtEnd: Bool { position >= size }

  /// The next bytes, which stay the next ones; nil when the file does not have so many.
  func peek(_ count: Int) throws(ArchiveError) -> UnsafeRawBufferPointer? {
    if buffer.count - next < count {
      guard UInt64(count) <= size - position else { return nil }
      try fill(count)
    }
    return UnsafeRawBufferPointer(rebasing: buffer.bytes[next..<(next + count)])
  }

  /// The next bytes; nil when the file does not have so many. Borrowed until the next call.
  func take(_ count: Int) throws(ArchiveError) -> UnsafeRawBufferPointer? {
    let bytes = try peek(count)
    if bytes != nil {
      taken = next..<(next + count)
      next += count
    }
    return bytes
  }

  /// Puts `bytes`, which were taken last, into `slot` in place of what it held. With little else in the buffer the two swap their memory, and nothing is
  /// copied: `bytes` is then no longer this window's.
  ///
  /// - Returns: where they lie now, for as long as the slot is left alone.
  func hand(_ bytes: UnsafeRawBufferPointer, to slot: RecordBuffer) throws(BatchError) -> UnsafeRawBufferPointer {
    let rest = UnsafeRawBufferPointer(rebasing: buffer.bytes[next...])
    slot.setCount(0)
    guard bytes.baseAddress == buffer.bytes.baseAddress.map({ $0 + taken.lowerBound }), bytes.count == taken.count,
      taken.upperBound == next, taken.lowerBound + rest.count <= taken.count / Self.share
    else {
      try slot.append(bytes)
      return slot.bytes
    }
    try slot.append(rest)
    buffer.exchange(with: slot)
    start += UInt64(next)
    next = 0
    defer { taken = 0..<0 }
    return UnsafeRawBufferPointer(rebasing: slot.bytes[taken])
  }

  /// A batch of a fourth of the window is a large one.
  private static let share = 4

  /// Of the whole file, which must have been read to its end. Nil when it was given before.
  func sums() throws(ArchiveError) -> SegmentHash.Sums? { try hash.take()?.finish() }

  private func fill(_ count: Int) throws(ArchiveError) {
    let kept = buffer.count - next
    let space = buffer.space
    if kept > 0, next > 0, let base = space.baseAddress { base.copyMemory(from: base + next, byteCount: kept) }
    start += UInt64(next)
    next = 0
    taken = 0..<0
    buffer.setCount(kept)
    // With the header of the batch behind it, so that nobody has to read for that alone.
    let room = count < window / Self.share ? window : count + BatchHeader.byteCount
    do {
      try buffer.reserve(room)
    } catch {
      throw .batch(error)
    }
    let wanted = min(UInt64(room - kept), size - start - UInt64(kept))
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer.space[kept..<(kept + Int(wanted))])
    let got: Int
    do {
      got = try reader.read(at: start + UInt64(kept), into: target)
    } catch {
      throw .storage(error)
    }
    guard got == target.count else {
      throw Self.damage(file, offsets, start + UInt64(kept + got), "it became shorter while it was read")
    }
    hash?.update(UnsafeRawBufferPointer(target))
    buffer.setCount(kept + got)
  }

  private static func damage(
    _ file: String, _ offsets: ClosedRange<Int64>, _ position: UInt64, _ reason: String
  ) -> ArchiveError {
    .damaged(DamagedSegment(file: file, position: position, offsets: offsets, reason: reason))
  }
}
