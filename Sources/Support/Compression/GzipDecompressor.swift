import CZlib

/// A zlib stream for gzip members (RFC 1952) that is used again and again. One thread at a time.
package struct GzipDecompressor: ~Copyable {
  /// On the heap: zlib keeps the address.
  private let stream: UnsafeMutablePointer<z_stream>

  package init() throws(CompressionError) {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard thaw_gzip_inflate_init(stream) == Z_OK else {
      stream.deallocate()
      throw .outOfMemory
    }
    self.stream = stream
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Inflates all members of `source` into `destination` and returns how many bytes that were.
  package mutating func decompress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    // zlib counts in 32 bits.
    guard let count = UInt32(exactly: source.count) else { throw .damaged("it is longer than 4 GiB") }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: source.assumingMemoryBound(to: Bytef.self).baseAddress)
    stream.pointee.avail_in = count
    stream.pointee.next_out = destination.assumingMemoryBound(to: Bytef.self).baseAddress
    let room = UInt32(clamping: destination.count)
    stream.pointee.avail_out = room
    repeat {
      inflateReset(stream)
      switch inflate(stream, Z_FINISH) {
      case Z_STREAM_END: continue
      case Z_BUF_ERROR, Z_OK:
        // Either is used up: without room left over it is the output.
        throw stream.pointee.avail_out == 0 ? .needsMoreSpace : .damaged("the gzip stream is cut off")
      case Z_MEM_ERROR: throw .outOfMemory
      default:
        throw .damaged(stream.pointee.msg.map { "gzip: \(String(cString: $0))" } ?? "it is no gzip stream")
      }
    } while stream.pointee.avail_in > 0
    return Int(room - stream.pointee.avail_out)
  }
}
