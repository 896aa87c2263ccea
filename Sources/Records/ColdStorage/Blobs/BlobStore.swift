/// Where archives are: a directory, or something like one. Calls block, so they belong on a thread of their own.
package protocol BlobStore: Sendable {
  /// The path or URL of `key`, for messages.
  func location(of key: BlobKey) -> String

  /// All blobs below `prefix`, at any depth, by key; none when there is no such folder.
  func list(_ prefix: BlobKey) throws(StorageError) -> [BlobInfo]

  /// The names of the folders right below `prefix`, sorted; none when there is no such folder.
  func folders(_ prefix: BlobKey) throws(StorageError) -> [String]

  /// Nil when there is no such blob.
  func stat(_ key: BlobKey) throws(StorageError) -> BlobInfo?

  /// Throws `missing` when there is no such blob.
  func open(_ key: BlobKey) throws(StorageError) -> any BlobReader

  /// Puts a whole blob in place of what was there. A reader finds the old one or the new one, also after a crash.
  func write(_ key: BlobKey, _ bytes: [UInt8]) throws(StorageError)

  /// Begins a blob that grows. It comes into being, in place of an older one, when its writer finishes.
  func create(_ key: BlobKey) throws(StorageError) -> any BlobWriter

  /// Removes a blob, or nothing when there is none.
  func delete(_ key: BlobKey) throws(StorageError)

  /// The right to be the only one that writes, as long as the lease lives. Throws `leased` when another has it.
  func lease(_ key: BlobKey) throws(StorageError) -> any BlobLease
}

package struct BlobInfo: Hashable, Sendable {
  package let key: BlobKey
  package let size: UInt64

  package init(key: BlobKey, size: UInt64) {
    self.key = key
    self.size = size
  }
}

/// An open blob. Used by one thread at a time; closed when the last reference goes.
package protocol BlobReader: AnyObject {
  /// When it was opened.
  var size: UInt64 { get }

  /// Fills `buffer` from `position` on, as far as the blob reaches, and returns the number of bytes; fewer than asked
  /// only at the blob's end.
  func read(at position: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int
}

/// A blob in the making. Dropped without `finish`, it leaves nothing that `list` of a finished archive would count as
/// a segment.
package protocol BlobWriter: AnyObject {
  func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError)

  /// Makes the blob durable and then visible under its key, in that order.
  func finish() throws(StorageError)
}

/// Ends with its last reference, or with the process.
package protocol BlobLease: AnyObject {}

extension BlobStore {
  /// A whole blob of at most `limit` bytes.
  package func read(_ key: BlobKey, limit: UInt64 = 64 << 20) throws(StorageError) -> [UInt8] {
    let reader = try open(key, limit: limit)
    // Not set to zero first, which of an index of some megabytes takes longer than reading it.
    var failure: StorageError?
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(reader.size)) { buffer, count in
      do throws(StorageError) {
        let space = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: Int(reader.size))
        count = try reader.read(at: 0, into: space)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The same piece by piece, for as much as `buffer` holds at a time.
  func read(
    _ key: BlobKey, limit: UInt64, by buffer: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(StorageError) {
    let reader = try open(key, limit: limit)
    var position: UInt64 = 0
    while position < reader.size {
      let piece = buffer[..<Int(min(UInt64(buffer.count), reader.size - position))]
      let count = try reader.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: piece))
      // It has become shorter since.
      if count == 0 { return }
      body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      position += UInt64(count)
    }
  }

  private func open(_ key: BlobKey, limit: UInt64) throws(StorageError) -> any BlobReader {
    let reader = try open(key)
    guard reader.size <= limit else {
      throw .tooLarge(file: location(of: key), bytes: reader.size, limit: limit)
    }
    return reader
  }

  package func read(
    _ key: BlobKey, at position: UInt64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(StorageError) -> Int {
    try open(key).read(at: position, into: buffer)
  }
}
