import Glibc

/// Memory that is used again and again and grows when it must: a slot for the records of one batch, or a batch in the
/// making.
///
/// Not safe for use by two threads at once: a slot is handed on from the thread that inflates to the one that sends,
/// and back. Pointers into it hold until the next call that may grow it.
package final class RecordBuffer: @unchecked Sendable {
  private struct State {
    var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    var count = 0
  }

  /// Not in properties of its own, since each access to a class's property costs a check, and there are several a record.
  private let state: UnsafeMutablePointer<State>
  /// The most it may grow to.
  package let limit: Int

  /// - Parameter limit: 1 GiB unless given: no batch that a broker ever took inflates to as much, but a forged one
  ///   might.
  package init(capacity: Int = 0, limit: Int = 1 << 30) throws(BatchError) {
    self.limit = limit
    state = .allocate(capacity: 1)
    state.initialize(to: State())
    try reserve(max(capacity, 64))
  }

  deinit {
    free(memory.baseAddress)
    state.deallocate()
  }

  private var memory: UnsafeMutableRawBufferPointer { state.pointee.memory }

  /// How many bytes are in use, from the first one on.
  package var count: Int { state.pointee.count }

  package var capacity: Int { memory.count }

  /// The bytes in use.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// All of the memory.
  package var space: UnsafeMutableRawBufferPointer { memory }

  /// Makes room for at least `wanted` bytes in all, keeping those in use.
  package func reserve(_ wanted: Int) throws(BatchError) {
    guard wanted > memory.count else { return }
    guard wanted <= limit else { throw .tooLarge(bytes: wanted, limit: limit) }
    // Batches are of about one size: the next one, which is a little larger, finds room without a move. What isn't used costs nothing.
    let room = min(limit, max(wanted + wanted / 8, memory.count * 2))
    guard let moved = realloc(memory.baseAddress, room) else { throw .outOfMemory }
    state.pointee.memory = UnsafeMutableRawBufferPointer(start: moved, count: room)
  }

  /// Says how many bytes of `space` are in use now.
  package func setCount(_ count: Int) { state.pointee.count = min(max(0, count), memory.count) }

  /// Gives each the other's memory and what is in it, without a copy.
  func exchange(with other: RecordBuffer) {
    let mine = state.pointee
    state.pointee = other.state.pointee
    other.state.pointee = mine
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws(BatchError) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    try reserve(count + bytes.count)
    memory.baseAddress.map { ($0 + count).copyMemory(from: source, byteCount: bytes.count) }
    state.pointee.count += bytes.count
  }
}
