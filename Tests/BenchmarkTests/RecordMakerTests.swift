import Measures
import Testing

@Suite("Records to be measured with")
struct RecordMakerTests {
  private func values(_ shape: RecordMaker.Shape, seed: UInt64, _ count: Int) -> [(key: [UInt8], value: [UInt8])] {
    var maker = RecordMaker(shape, seed: seed)
    return (0..<count).map { _ in
      maker.advance()
      return (maker.key, maker.value)
    }
  }

  @Test("They are as large as their shape says", arguments: [(RecordMaker.Shape.event, 100.0), (.document, 1000)])
  func sizes(shape: RecordMaker.Shape, mean: Double) {
    let sizes = values(shape, seed: 1, 5000).map { $0.key.count + $0.value.count }
    let found = Double(sizes.reduce(0, +)) / Double(sizes.count)
    #expect((0.9 * mean...1.1 * mean).contains(found), "\(found) bytes")
    #expect(Set(sizes).count > 10)
  }

  @Test("The same seed gives the same ones, another seed others, and hardly any comes twice")
  func seeds() {
    let first = values(.event, seed: 1, 2000).map(\.value)
    #expect(first == values(.event, seed: 1, 2000).map(\.value))
    #expect(first != values(.event, seed: 2, 2000).map(\.value))
    #expect(Set(first).count == first.count)
  }

  @Test("Some users come much more often than others")
  func skew() {
    let keys = values(.event, seed: 1, 20_000).map(\.key)
    #expect((5000..<19_500).contains(Set(keys).count), "\(Set(keys).count)")
  }

  @Test("A value is an object with both its braces", arguments: [RecordMaker.Shape.event, .document])
  func json(shape: RecordMaker.Shape) {
    for (_, value) in values(shape, seed: 3, 500) {
      let text = String(decoding: value, as: UTF8.self)
      #expect(text.hasPrefix(#"{"order":"#) && text.hasSuffix(#""}"#), "\(text)")
      #expect(text.count { $0 == "{" } == text.count { $0 == "}" }, "\(text)")
      #expect(text.count { $0 == "\"" } % 2 == 0, "\(text)")
    }
  }
}
