import Glibc

/// A request on its way: its own bytes, and the payloads between them, which are not copied.
struct Frame {
  private let bytes: [UInt8]
  private let cuts: [Produce.Cut]
  /// Bytes that the socket has taken.
  private var sent = 0
  private let size: Int

  /// - Parameter message: without the four bytes of length that come before it.
  init(_ message: [UInt8], _ cuts: [Produce.Cut] = []) {
    let payloads = cuts.reduce(0) { $0 + $1.payload.count }
    let length = Int32(truncatingIfNeeded: message.count + payloads)
    bytes = withUnsafeBytes(of: length.bigEndian, Array.init) + message
    self.cuts = cuts.map { Produce.Cut(position: $0.position + 4, payload: $0.payload) }
    size = bytes.count + payloads
  }

  var isSent: Bool { sent == size }
  var hasBegun: Bool { sent > 0 }

  /// Gives the socket what it takes now; false with `errno` set when it took nothing.
  mutating func send(to descriptor: Int32) -> Bool {
    let (bytes, cuts, skipped) = (bytes, cuts, sent)
    let count = bytes.withUnsafeBytes { own in
      var parts: [iovec] = []
      var left = skipped
      func add(_ part: UnsafeRawBufferPointer) {
        guard parts.count < 64 else { return }
        guard left < part.count else {
          left -= part.count
          return
        }
        let rest = UnsafeRawBufferPointer(rebasing: part[left...])
        left = 0
        parts.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: rest.baseAddress), iov_len: rest.count))
      }
      var start = 0
      for cut in cuts {
        add(UnsafeRawBufferPointer(rebasing: own[start..<cut.position]))
        add(cut.payload)
        start = cut.position
      }
      add(UnsafeRawBufferPointer(rebasing: own[start...]))
      return parts.withUnsafeMutableBufferPointer { parts in
        var message = msghdr()
        message.msg_iov = parts.baseAddress
        message.msg_iovlen = parts.count
        return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
      }
    }
    guard count > 0 else { return false }
    sent += count
    return true
  }
}
