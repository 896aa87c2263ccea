import Glibc

extension VolumeStore {
  func openRoot() throws(StorageError) -> Descriptor {
    do {
      return try Descriptor.directory(root)
    } catch {
      switch error.code {
      case ENOENT: throw .unavailable(store: root, reason: "there is no such directory")
      case ENOTDIR: throw .unavailable(store: root, reason: "it is no directory")
      default: throw .failed(operation: "open", file: root, code: error.code)
      }
    }
  }

  /// Nil when there is no such folder.
  func folder(_ key: BlobKey) throws(StorageError) -> Descriptor? {
    var folder = try openRoot()
    for name in key.components {
      do {
        folder = try folder.open(name, O_RDONLY | O_DIRECTORY)
      } catch {
        if error.code == ENOENT { return nil }
        throw failure("open", key, error)
      }
    }
    return folder
  }

  /// The folder, made if need be. A new directory's entry is durable before anything is put into it.
  func makeFolder(_ key: BlobKey) throws(StorageError) -> Descriptor {
    var folder = try openRoot()
    for name in key.components {
      do throws(Descriptor.Failure) {
        if mkdirat(folder.number, name, 0o755) == 0 {
          try folder.synchronize()
        } else if errno != EEXIST {
          throw Descriptor.Failure(code: errno)
        }
        folder = try folder.open(name, O_RDONLY | O_DIRECTORY)
      } catch {
        throw failure("create folder", key, error)
      }
    }
    return folder
  }

  func attempt<Value: ~Copyable>(
    _ operation: String, _ key: BlobKey, _ body: () throws(Descriptor.Failure) -> Value
  ) throws(StorageError) -> Value {
    do {
      return try body()
    } catch {
      throw failure(operation, key, error)
    }
  }

  func failure(_ operation: String, _ key: BlobKey, _ failure: Descriptor.Failure) -> StorageError {
    switch failure.code {
    case ENOENT: .missing(file: location(of: key))
    case ELOOP: .invalidKey(key: location(of: key), reason: "it is, or leads through, a symbolic link")
    default: .failed(operation: operation, file: location(of: key), code: failure.code)
    }
  }
}
