import Glibc

final class VolumeReader: BlobReader {
  let size: UInt64
  private let store: VolumeStore
  private let key: BlobKey
  private let file: Descriptor

  init(_ store: VolumeStore, _ key: BlobKey) throws(StorageError) {
    guard let folder = try store.folder(key.parent) else { throw .missing(file: store.location(of: key)) }
    // Not blocking, in case that it is a pipe.
    let file = try store.attempt(
      "open", key, { () throws(Descriptor.Failure) in try folder.open(key.name, O_RDONLY | O_NONBLOCK) })
    let status = try store.attempt("open", key, { () throws(Descriptor.Failure) in try file.status() })
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .invalidKey(key: store.location(of: key), reason: "it is no regular file")
    }
    self.store = store
    self.key = key
    self.file = file
    size = UInt64(clamping: status.st_size)
  }

  func read(at position: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError) -> Int {
    do {
      return try file.read(at: position, into: buffer)
    } catch {
      throw store.failure("read", key, error)
    }
  }
}
