import Threads

@testable import ColdStorage

/// A store whose process dies at the n-th thing that it changes: that one and all after it do not happen, and what was
/// begun stays lying there.
final class CrashingStore: BlobStore {
  static let crash = StorageError.unavailable(store: "crashed", reason: "the process died")

  private let store: VolumeStore
  private let left: Locked<Int>
  /// Kept, since a process that dies cleans nothing up.
  private let begun = Locked<[any BlobWriter]>([])

  init(_ store: VolumeStore, after changes: Int) {
    self.store = store
    left = Locked(changes)
  }

  func change() throws(StorageError) {
    try left.withLock { left throws(StorageError) in
      guard left > 0 else { throw Self.crash }
      left -= 1
    }
  }

  func location(of key: BlobKey) -> String { store.location(of: key) }
  func list(_ prefix: BlobKey) throws(StorageError) -> [BlobInfo] { try store.list(prefix) }
  func folders(_ prefix: BlobKey) throws(StorageError) -> [String] { try store.folders(prefix) }
  func stat(_ key: BlobKey) throws(StorageError) -> BlobInfo? { try store.stat(key) }
  func open(_ key: BlobKey) throws(StorageError) -> any BlobReader { try store.open(key) }
  func lease(_ key: BlobKey) throws(StorageError) -> any BlobLease { try store.lease(key) }

  func write(_ key: BlobKey, _ bytes: [UInt8]) throws(StorageError) {
    try change()
    try store.write(key, bytes)
  }

  func create(_ key: BlobKey) throws(StorageError) -> any BlobWriter {
    try change()
    let writer = try store.create(key)
    begun.withLock { $0.append(writer) }
    return Writer(self, writer)
  }

  func delete(_ key: BlobKey) throws(StorageError) {
    try change()
    try store.delete(key)
  }

  private final class Writer: BlobWriter {
    private let store: CrashingStore
    private let writer: any BlobWriter

    init(_ store: CrashingStore, _ writer: any BlobWriter) {
      self.store = store
      self.writer = writer
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
      try store.change()
      try writer.append(bytes)
    }

    func finish() throws(StorageError) {
      try store.change()
      try writer.finish()
    }
  }
}
