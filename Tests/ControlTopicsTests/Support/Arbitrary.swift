import RestoreModel
import Seeded

/// Random values from a seed: a failure is repeated by its number.
struct Arbitrary {
  private var generator: SeededGenerator

  init(seed: Int) { generator = SeededGenerator(UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15) }

  mutating func next() -> UInt64 { generator.next() }

  mutating func int(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  mutating func bool() -> Bool { next() & 1 == 0 }

  mutating func element<Element>(_ all: [Element]) -> Element { all[int(0...all.count - 1)] }

  mutating func choice<Choice: CaseIterable>(_ type: Choice.Type = Choice.self) -> Choice {
    element(Array(Choice.allCases))
  }

  mutating func maybe<Value>(_ make: (inout Arbitrary) -> Value) -> Value? { bool() ? make(&self) : nil }

  mutating func list<Value>(_ count: ClosedRange<Int> = 0...3, _ make: (inout Arbitrary) -> Value) -> [Value] {
    (0..<int(count)).map { _ in make(&self) }
  }

  /// Small, large, and those at the edge.
  mutating func offset() -> Int64 { element([0, 1, Int64(int(2...1_000_000)), 1 << 53, .max]) }

  mutating func count() -> Int64 { element([0, 1, Int64(int(2...1_000_000)), 1 << 53]) }

  mutating func text() -> String {
    let pieces = ["a", "Z", "é", "e\u{301}", "\"", "\\", "\n", "\u{0}", "😀", "/", ".", " ", "\u{7F}", "ß", "{", "null"]
    return list(0...6) { $0.element(pieces) }.joined()
  }

  mutating func key() -> String { "k" + text().filter { $0 != "\u{0}" } }

  mutating func map() -> [String: String] {
    var map: [String: String] = [:]
    for _ in 0..<int(0...3) { map[key()] = text() }
    return map
  }

  mutating func name() -> String { element(["orders", "a", "x-1", "my.restore", "0"]) }

  mutating func topic() -> TopicName { TopicName(element(["orders", "a.b", "A_b-c", "ü", ""])) }

  mutating func instant() -> Instant {
    Instant(milliseconds: element([0, 1, -1, 1_600_000_000_123, 253_402_300_799_999, -62_167_219_200_000]))
  }

  mutating func uid() -> UID { UID("uid-\(int(0...9))") }
  mutating func claim() -> Claim { Claim(count()) }
  mutating func lane() -> LaneID { LaneID(int(0...300)) }
}
