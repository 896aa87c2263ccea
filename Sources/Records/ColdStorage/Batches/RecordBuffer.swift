import Glibc

/// Memory that is used again and again and grows when it must: a slot for the records of one batch, or a batch in the
/// making.
///
/// Not safe for use by two threads at once: a slot is handed on from the thread that inflates to the one that sends,
/// and back. Pointers into it hold until the next call that may grow it.
package final class RecordBuffer: @unchecked Sendable {
  private var memory: UnsafeMutableRawBufferPointer
  /// How many bytes are in use, from the first one on.
  package private(set) var count = 0
  /// The most it may grow to.
  package let limit: Int

  /// - Parameter limit: 1 GiB unless given: no batch that a broker ever took inflates to as much, but a forged one
  ///   might.
  package init(capacity: Int = 0, limit: Int = 1 << 30) throws(BatchError) {
    self.limit = limit
    memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    try reserve(max(capacity, 64))
  }

  deinit { free(memory.baseAddress) }

  package var capacity: Int { memory.count }

  /// The bytes in use.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// All of the memory.
  package var space: UnsafeMutableRawBufferPointer { memory }

  /// Makes room for at least `wanted` bytes in all, keeping those in use.
  package func reserve(_ wanted: Int) throws(BatchError) {
    guard wanted > memory.count else { return }
    guard wanted <= limit else { throw .tooLarge(bytes: wanted, limit: limit) }
    let doubled = min(limit, max(wanted, memory.count * 2))
    guard let moved = realloc(memory.baseAddress, doubled) else { throw .outOfMemory }
    memory = UnsafeMutableRawBufferPointer(start: moved, count: doubled)
  }

  /// Says how many bytes of `space` are in use now.
  package func setCount(_ count: Int) { self.count = min(max(0, count), memory.count) }

  /// Gives each the other's memory and what is in it, without a copy.
  func exchange(with other: RecordBuffer) {
    swap(&memory, &other.memory)
    swap(&count, &other.count)
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws(BatchError) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    try reserve(count + bytes.count)
    memory.baseAddress.map { ($0 + count).copyMemory(from: source, byteCount: bytes.count) }
    count += bytes.count
  }
}
