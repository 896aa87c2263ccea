import Crypto
import Glibc

/// Writes beside the place, under a name nobody else takes, then makes bytes, name and directory durable, in that
/// order.
final class VolumeWriter: BlobWriter {
  /// What an unfinished blob's name ends in. A crash may leave one behind; the next writer of the archive removes it.
  static let suffix = ".partial"

  private let store: VolumeStore
  private let key: BlobKey
  private let folder: Descriptor
  private let file: Descriptor
  private let temporary: String
  private var finished = false

  init(_ store: VolumeStore, _ key: BlobKey) throws(StorageError) {
    let folder = try store.makeFolder(key.parent)
    let temporary = ".\(UInt64.random(in: .min ... .max)).\(getpid())\(Self.suffix)"
    let file = try store.attempt(
      "create", key,
      { () throws(Descriptor.Failure) in try folder.open(temporary, O_WRONLY | O_CREAT | O_EXCL) })
    self.store = store
    self.key = key
    self.folder = folder
    self.file = file
    self.temporary = temporary
  }

  deinit { if !finished { unlinkat(folder.number, temporary, 0) } }

  func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    do {
      try file.write(bytes)
    } catch {
      throw store.failure("write", key, error)
    }
  }

  func finish() throws(StorageError) {
    do throws(Descriptor.Failure) {
      try file.synchronize()
      guard renameat(folder.number, temporary, folder.number, key.name) == 0 else {
        throw Descriptor.Failure(code: errno)
      }
      finished = true
      try folder.synchronize()
    } catch {
      throw store.failure("write", key, error)
    }
  }
}
