import Seeded

/// Records as services write them: JSON whose fields repeat and whose values vary, some users and words much more often than others. The same ones for the
/// same seed.
package struct RecordMaker {
  package enum Shape: Sendable, Hashable {
    /// About 100 bytes.
    case event
    /// About 1,000 bytes.
    case document
  }

  private var random: SeededGenerator
  private let shape: Shape
  private var number: Int64 = 0
  package private(set) var key: [UInt8] = []
  package private(set) var value: [UInt8] = []
  /// Milliseconds; later than the record before or at the same time.
  package private(set) var timestamp: Int64 = 1_700_000_000_000

  package init(_ shape: Shape, seed: UInt64) {
    (random, self.shape) = (SeededGenerator(seed), shape)
    value.reserveCapacity(2048)
  }

  /// Makes the next record's key, value and timestamp.
  package mutating func advance() {
    number += 1
    timestamp += Int64(random.next() % 7)
    key.removeAll(keepingCapacity: true)
    value.removeAll(keepingCapacity: true)
    let user = skewed(200_000)
    key.append(UInt8(ascii: "u"))
    Self.append(user, to: &key)
    switch shape {
    case .event: event(user)
    case .document: document(user)
    }
  }

  private mutating func event(_ user: UInt64) {
    write(#"{"order":"#, UInt64(number) + 10_482_930)
    write(#","user":"u"#, user)
    write(#"","sku":""#)
    write(Self.letters[Int(random.next() % 8)])
    write("-", 1000 + skewed(9000))
    write(#"","qty":"#, 1 + skewed(12))
    write(#","cents":"#, 100 + random.next() % 50_000)
    write(#","state":""#)
    write(Self.states[Int(skewed(UInt64(Self.states.count)))])
    write(#""}"#)
  }

  private mutating func document(_ user: UInt64) {
    event(user)
    value.removeLast()
    write(#","trace":""#)
    for _ in 0..<32 { value.append(Self.hex[Int(random.next() % 16)]) }
    write(#"","address":{"street":""#)
    word()
    write(" ", 1 + random.next() % 200)
    write(#"","city":""#)
    word()
    write(#"","zip":""#, 10_000 + random.next() % 89_999)
    write(#""},"items":["#)
    for item in 0..<(2 + random.next() % 5) {
      write(item == 0 ? #"{"sku":""# : #",{"sku":""#)
      write(Self.letters[Int(random.next() % 8)])
      write("-", 1000 + skewed(9000))
      write(#"","qty":"#, 1 + skewed(12))
      write(#","cents":"#, 100 + random.next() % 50_000)
      write("}")
    }
    write(#"],"note":""#)
    // The rest is prose, so that sizes scatter about the mean.
    let end = 900 + Int(random.next() % 180)
    while value.count < end {
      word()
      write(" ")
    }
    write(#""}"#)
  }

  private mutating func word() { write(Self.words[Int(skewed(UInt64(Self.words.count)))]) }

  /// Low numbers more often than high ones.
  private mutating func skewed(_ below: UInt64) -> UInt64 {
    let (first, second) = (random.next() % below, random.next() % below)
    return first * second / below
  }

  private mutating func write(_ text: StaticString) {
    value.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func write(_ text: StaticString, _ number: UInt64) {
    write(text)
    Self.append(number, to: &value)
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    let first = bytes.count
    var rest = number
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    bytes[first...].reverse()
  }

  private static let hex = Array("0123456789abcdef".utf8)
  private static let letters: [StaticString] = ["KX", "BZ", "QR", "TT", "LA", "MO", "PE", "VW"]
  private static let states: [StaticString] = ["paid", "open", "shipped", "packed", "returned", "cancelled"]
  private static let words: [StaticString] = [
    "the", "order", "and", "please", "door", "left", "at", "customer", "with", "for", "ring", "not", "before", "after",
    "delivery", "noon", "neighbour", "parcel", "gift", "wrap", "invoice", "by", "mail", "call", "first", "second",
    "floor", "garden", "gate", "code", "leave", "back", "office", "reception", "fragile", "glass", "heavy", "cold",
    "return", "label", "inside", "new", "address", "since", "March", "Lindenweg", "Hafen", "Station", "Market", "Mill",
    "Orchard", "Bergen", "Porto", "Gdansk", "Leiden", "Graz", "Turku", "Cork", "Aarhus", "Lyon", "Verona", "Brno",
    "confirmed", "voucher", "discount", "backorder", "replacement", "warranty", "substitute", "refund", "partial",
  ]
}
