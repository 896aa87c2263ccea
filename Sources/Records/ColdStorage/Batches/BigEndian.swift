extension FixedWidthInteger {
  /// The caller has seen that `position` and the bytes after it exist.
  init(bigEndianAt position: Int, in bytes: UnsafeRawBufferPointer) {
    self.init(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Self.self))
  }

  func store(bigEndianAt position: Int, in bytes: UnsafeMutableRawBufferPointer) {
    bytes.storeBytes(of: bigEndian, toByteOffset: position, as: Self.self)
  }
}
