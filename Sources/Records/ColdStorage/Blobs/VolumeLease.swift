import Glibc

/// `flock` on a file: the kernel lets go of it when the process ends, however it ends.
final class VolumeLease: BlobLease {
  private let file: Descriptor

  init(_ store: VolumeStore, _ key: BlobKey) throws(StorageError) {
    let folder = try store.makeFolder(key.parent)
    let file = try store.attempt(
      "create", key, { () throws(Descriptor.Failure) in try folder.open(key.name, O_RDWR | O_CREAT) })
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .leased(file: store.location(of: key)) }
      throw .failed(operation: "lock", file: store.location(of: key), code: errno)
    }
    self.file = file
  }
}
