import ColdStorage

/// `STORE` on the command line: a directory, or `volume:PATH`.
struct Store: Sendable {
  let blobs: any BlobStore
  let name: String

  init(_ text: String, create: Bool = false) throws(ShellFailure) {
    guard !text.hasPrefix("s3://") else {
      throw ShellFailure(.usage, "\(text): this version reads and writes directories only; name one, or volume:PATH")
    }
    let path = text.hasPrefix("volume:") ? String(text.dropFirst("volume:".count)) : text
    guard !path.isEmpty else { throw ShellFailure(.usage, "\"\(text)\" names no directory") }
    name = path
    do { blobs = try VolumeStore(root: path, create: create) } catch { throw ShellFailure(translating: error) }
  }

  var archive: ArchiveReader { ArchiveReader(blobs) }

  /// The named topic, or all.
  func topics(_ named: String?) throws -> [String] {
    if let named { return [named] }
    let topics = try archive.topics()
    guard !topics.isEmpty else {
      throw ShellFailure(.notFound, "\(name): holds no archived topic; `thaw archive TOPIC --to \(name)` makes one")
    }
    return topics
  }
}
