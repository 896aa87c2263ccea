import Glibc

/// What a blob store could not do. Every case names the file (a path or a URL) in words a person can act on.
package enum StorageError: Error, Hashable, CustomStringConvertible {
  /// A name that must not be used as part of a path.
  case invalidKey(key: String, reason: String)
  /// There is no such blob.
  case missing(file: String)
  /// The store itself is not there: a directory that does not exist or is none.
  case unavailable(store: String, reason: String)
  /// The operating system or the service refused; `code` is errno.
  case failed(operation: String, file: String, code: Int32)
  /// Another process writes here.
  case leased(file: String)
  case tooLarge(file: String, bytes: UInt64, limit: UInt64)

  package var description: String {
    switch self {
    case .invalidKey(let key, let reason): "'\(key)' cannot be the name of something stored: \(reason)"
    case .missing(let file): "\(file) does not exist"
    case .unavailable(let store, let reason): "storage \(store) is not available: \(reason)"
    case .failed(let operation, let file, let code): "cannot \(operation) \(file): \(Self.text(of: code))"
    case .leased(let file): "another process holds \(file), so it is writing there now"
    case .tooLarge(let file, let bytes, let limit):
      "\(file) has \(bytes) bytes, more than the \(limit) expected at most"
    }
  }

  /// Whether the same call may succeed later without anybody's doing.
  package var isTransient: Bool {
    switch self {
    case .unavailable, .leased: true
    case .failed(_, _, let code): [EIO, EAGAIN, ETIMEDOUT, ESTALE, ENFILE, EMFILE, ENOMEM, EBUSY].contains(code)
    case .invalidKey, .missing, .tooLarge: false
    }
  }

  private static func text(of code: Int32) -> String {
    // Its buffer is the thread's own since glibc 2.32.
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }
}
