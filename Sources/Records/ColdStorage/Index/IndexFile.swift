/// The bytes of an index, and where they were found.
struct IndexFile {
  /// Some 800 bytes a segment: enough for 80 TB in one partition.
  static let limit: UInt64 = 512 << 20

  let file: String
  let bytes: [UInt8]

  /// Nil when there is no such file.
  init?(_ store: any BlobStore, _ key: BlobKey) throws(ArchiveError) {
    file = store.location(of: key)
    do {
      bytes = try store.read(key, limit: Self.limit)
    } catch {
      if case .missing = error { return nil }
      throw .storage(error)
    }
  }
}
