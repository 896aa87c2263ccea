extension BlobStore {
  /// Storage errors as archive errors.
  func archive<Value>(
    _ body: (any BlobStore) throws(StorageError) -> Value
  ) throws(ArchiveError) -> Value {
    do {
      return try body(self)
    } catch {
      throw .storage(error)
    }
  }
}
