import Glibc

/// A directory as a blob store.
///
/// Whatever a key says, nothing outside the root is touched: keys hold no way up (`BlobKey`), and below the root no
/// symbolic link is followed, since every component is opened relative to the one before it with `O_NOFOLLOW`.
package struct VolumeStore: BlobStore {
  package let root: String

  /// Throws `unavailable` when `root` is no directory; with `create`, makes the last component of it.
  package init(root: String, create: Bool = false) throws(StorageError) {
    self.root = root
    if create && mkdir(root, 0o755) != 0 && errno != EEXIST {
      throw .failed(operation: "create", file: root, code: errno)
    }
    _ = try openRoot()
  }

  package func location(of key: BlobKey) -> String {
    key == .root ? root : "\(root)/\(key)"
  }

  package func list(_ prefix: BlobKey) throws(StorageError) -> [BlobInfo] {
    guard let folder = try folder(prefix) else { return [] }
    var blobs: [BlobInfo] = []
    for (name, status) in try attempt("list", prefix, { () throws(Descriptor.Failure) in try folder.entries() }) {
      let key = try prefix.appending(name)
      switch status.st_mode & S_IFMT {
      case S_IFREG: blobs.append(BlobInfo(key: key, size: UInt64(clamping: status.st_size)))
      case S_IFDIR: blobs += try list(key)
      default: continue
      }
    }
    return blobs.sorted { $0.key.components.lexicographicallyPrecedes($1.key.components) }
  }

  package func folders(_ prefix: BlobKey) throws(StorageError) -> [String] {
    guard let folder = try folder(prefix) else { return [] }
    let entries = try attempt("list", prefix, { () throws(Descriptor.Failure) in try folder.entries() })
    return entries.filter { $0.status.st_mode & S_IFMT == S_IFDIR }.map(\.name).sorted()
  }

  package func stat(_ key: BlobKey) throws(StorageError) -> BlobInfo? {
    do {
      return BlobInfo(key: key, size: try VolumeReader(self, key).size)
    } catch {
      if case .missing = error { return nil }
      throw error
    }
  }

  package func open(_ key: BlobKey) throws(StorageError) -> any BlobReader { try VolumeReader(self, key) }

  package func write(_ key: BlobKey, _ bytes: [UInt8]) throws(StorageError) {
    let writer = try VolumeWriter(self, key)
    let written: Result<Void, StorageError> = bytes.withUnsafeBytes { buffer in
      Result { () throws(StorageError) in try writer.append(buffer) }
    }
    try written.get()
    try writer.finish()
  }

  package func create(_ key: BlobKey) throws(StorageError) -> any BlobWriter { try VolumeWriter(self, key) }

  package func delete(_ key: BlobKey) throws(StorageError) {
    guard let folder = try folder(key.parent) else { return }
    guard unlinkat(folder.number, key.name, 0) == 0 || errno == ENOENT else {
      throw .failed(operation: "delete", file: location(of: key), code: errno)
    }
    try attempt("delete", key, { () throws(Descriptor.Failure) in try folder.synchronize() })
  }

  package func lease(_ key: BlobKey) throws(StorageError) -> any BlobLease { try VolumeLease(self, key) }
}
