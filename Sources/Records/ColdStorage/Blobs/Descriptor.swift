import Glibc

/// An open file or directory. Every call that fails throws errno.
struct Descriptor: ~Copyable {
  struct Failure: Error { let code: Int32 }

  let number: Int32

  init(_ number: Int32) throws(Failure) {
    guard number >= 0 else { throw Failure(code: errno) }
    self.number = number
  }

  deinit { Glibc.close(number) }

  /// A directory anywhere, for a store's root: how one gets there is the operator's affair, symbolic links included.
  static func directory(_ path: String) throws(Failure) -> Descriptor {
    try Descriptor(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
  }

  /// Right below this directory, never through a symbolic link.
  func open(_ name: String, _ flags: Int32, mode: mode_t = 0o644) throws(Failure) -> Descriptor {
    try Descriptor(openat(number, name, flags | O_NOFOLLOW | O_CLOEXEC, mode))
  }

  func status() throws(Failure) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw Failure(code: errno) }
    return status
  }

  func read(at position: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      guard let offset = off_t(exactly: position + UInt64(done)) else { return done }
      let count = pread(number, rest.baseAddress, rest.count, offset)
      if count == 0 { break }
      if count > 0 {
        done += count
      } else if errno != EINTR {
        throw Failure(code: errno)
      }
    }
    return done
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = Glibc.write(number, rest.baseAddress, rest.count)
      if count >= 0 {
        done += count
      } else if errno != EINTR {
        throw Failure(code: errno)
      }
    }
  }

  func synchronize() throws(Failure) {
    guard fsync(number) == 0 else { throw Failure(code: errno) }
  }

  /// The directory's entries but `.` and `..`, with the kind of each (symbolic links are not followed).
  func entries() throws(Failure) -> [(name: String, status: stat)] {
    // Through a second descriptor, since the stream takes the one it is given and moves its position.
    let copy = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { throw Failure(code: errno) }
    guard let stream = fdopendir(copy) else {
      let code = errno
      Glibc.close(copy)
      throw Failure(code: code)
    }
    defer { closedir(stream) }
    var entries: [(name: String, status: stat)] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw Failure(code: errno) }
        return entries
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      if fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
        entries.append((name, status))
      } else if errno != ENOENT {
        throw Failure(code: errno)
      }
    }
  }
}
