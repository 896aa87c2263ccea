/// What two sequences of records differ in, found in one walk over both with bounded memory.
///
/// Where they differ, the nearest pair of equal records ahead is looked for within a window; what stands before it is missing on one
/// side, extra on the other.
struct RecordDifference {
  private(set) var expected: Int64 = 0
  private(set) var found: Int64 = 0
  private(set) var equal: Int64 = 0
  /// Missing ones before the first equal pair: what retention has deleted looks like this. Only counted.
  private(set) var leadingMissing: Int64 = 0
  /// Expected records that are not there; the first `kept` of them.
  private(set) var missing: [Fingerprint] = []
  private(set) var missingCount: Int64 = 0
  /// Records found that were not expected; the first `kept` of them.
  private(set) var extra: [Fingerprint] = []
  private(set) var extraCount: Int64 = 0

  static let kept = 200_000

  /// - Parameters:
  ///   - expectsGaps: when nothing equal is in sight, records are more likely to be missing than to be extra.
  ///   - leadingIsExpired: missing records before the first equal pair are only counted.
  init(
    _ expected: inout some FingerprintStream, _ found: inout some FingerprintStream, expectsGaps: Bool,
    leadingIsExpired: Bool, largestWindow: Int = 1 << 18
  ) throws {
    var left = Window()
    var right = Window()
    while true {
      try left.fill(to: 1, &expected, &self.expected)
      try right.fill(to: 1, &found, &self.found)
      guard let first = left.first else {
        guard right.first != nil else { return }
        drop(&right, right.count)
        continue
      }
      guard let second = right.first else {
        drop(&left, left.count, leadingIsExpired)
        continue
      }
      if first.arrived(as: second) {
        equal += 1
        left.removeFirst(1)
        right.removeFirst(1)
        continue
      }
      var size = min(1024, largestWindow)
      while true {
        try left.fill(to: size, &expected, &self.expected)
        try right.fill(to: size, &found, &self.found)
        if let (missing, extra) = Self.nearestPair(left, right) {
          drop(&left, missing, leadingIsExpired)
          drop(&right, extra)
          break
        }
        if left.hasEnded && right.hasEnded {
          drop(&left, left.count, leadingIsExpired)
          drop(&right, right.count)
          break
        }
        if size >= largestWindow {
          if left.count > 1, expectsGaps || right.hasEnded {
            drop(&left, left.count / 2, leadingIsExpired)
          } else {
            drop(&right, max(1, right.count / 2))
          }
          break
        }
        size = min(size * 4, largestWindow)
      }
    }
  }

  private mutating func drop(_ window: inout Window, _ count: Int, _ leadingIsExpired: Bool) {
    for fingerprint in window.prefix(count) {
      if equal == 0, leadingIsExpired {
        leadingMissing += 1
        continue
      }
      missingCount += 1
      if missing.count < Self.kept { missing.append(fingerprint) }
    }
    window.removeFirst(count)
  }

  private mutating func drop(_ window: inout Window, _ count: Int) {
    for fingerprint in window.prefix(count) {
      extraCount += 1
      if extra.count < Self.kept { extra.append(fingerprint) }
    }
    window.removeFirst(count)
  }

  /// How many records stand before the nearest equal pair on either side; never none on both, so equal means here what it means in the walk.
  private static func nearestPair(_ left: Window, _ right: Window) -> (Int, Int)? {
    var firstAt: [Fingerprint.Content: Int] = [:]
    for (index, fingerprint) in left.prefix(left.count).enumerated() {
      if firstAt[fingerprint.content] == nil { firstAt[fingerprint.content] = index }
      if let alternative = fingerprint.alternative, firstAt[alternative] == nil { firstAt[alternative] = index }
    }
    var best: (Int, Int)?
    for (index, fingerprint) in right.prefix(right.count).enumerated() {
      if let (missing, extra) = best, index >= missing + extra { break }
      guard let other = firstAt[fingerprint.content] else { continue }
      if best.map({ other + index < $0.0 + $0.1 }) ?? true { best = (other, index) }
    }
    return best
  }

  private struct Window {
    private var items: [Fingerprint] = []
    private var start = 0
    private(set) var hasEnded = false

    var count: Int { items.count - start }
    var first: Fingerprint? { count > 0 ? items[start] : nil }

    func prefix(_ count: Int) -> ArraySlice<Fingerprint> { items[start..<min(items.count, start + count)] }

    mutating func fill(to size: Int, _ stream: inout some FingerprintStream, _ counted: inout Int64) throws {
      while count < size, !hasEnded {
        if let next = try stream.next() {
          items.append(next)
          counted += 1
        } else {
          hasEnded = true
        }
      }
    }

    mutating func removeFirst(_ count: Int) {
      start += count
      // Now and then, so that removing stays cheap.
      if start > 4096, start * 2 > items.count {
        items.removeFirst(start)
        start = 0
      }
    }
  }
}
