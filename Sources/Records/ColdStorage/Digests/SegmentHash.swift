import Crypto

/// Sums of a segment's file, over bytes that come piece by piece.
struct SegmentHash: ~Copyable {
  enum Kind {
    case xxh3
    case sha256
    case both
  }

  /// Those that were asked for.
  struct Sums {
    var sha256: SHA256Sum?
    var xxh3: XXH3Sum?
  }

  private var sha256: SHA256?
  private var xxh3: XXH3?

  init(_ kind: Kind) throws(ArchiveError) {
    do {
      xxh3 = kind == .sha256 ? nil : try XXH3()
      sha256 = kind == .xxh3 ? nil : try SHA256()
    } catch {
      throw .crypto(error)
    }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    sha256?.update(bytes)
    xxh3?.update(bytes)
  }

  consuming func finish() throws(ArchiveError) -> Sums {
    var sums = Sums()
    if let xxh3 = xxh3.take() { sums.xxh3 = xxh3.finish() }
    guard let sha256 = sha256.take() else { return sums }
    do {
      sums.sha256 = try sha256.finish()
    } catch {
      throw .crypto(error)
    }
    return sums
  }
}
