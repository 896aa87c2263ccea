import RestoreModel
import Testing
import Seeded

@Suite("Instants")
struct InstantTests {
  @Test(
    "RFC 3339 is read to the millisecond",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2021-01-01T00:00:00Z", 1_609_459_200_000),
      ("2021-01-01T00:00:00.5Z", 1_609_459_200_500), ("2021-01-01T00:00:00.123999Z", 1_609_459_200_123),
      ("2021-01-01t02:00:00+02:00", 1_609_459_200_000), ("2020-12-31 19:30:00-04:30", 1_609_459_200_000),
      ("2020-12-31T23:59:60Z", 1_609_459_200_000), ("1969-12-31T23:59:59.999Z", -1),
      ("2000-02-29T00:00:00Z", 951_782_400_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000),
      ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] as [(String, Int64)])
  func reads(text: String, milliseconds: Int64) {
    #expect(Instant(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(
    "What isn't RFC 3339 is refused",
    arguments: [
      "", "2021-01-01", "2021-01-01T00:00:00", "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z", "2021-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z", "2021-04-31T00:00:00Z", "2021-01-00T00:00:00Z", "2021-01-01T24:00:00Z",
      "2021-01-01T00:60:00Z", "2021-01-01T00:00:61Z", "2021-01-01T00:00:00.Z", "2021-01-01T00:00:00+24:00",
      "2021-01-01T00:00:00+0100", "2021-01-01T00:00:00Z ", " 2021-01-01T00:00:00Z", "21-01-01T00:00:00Z",
      "2021-1-1T00:00:00Z", "-2021-01-01T00:00:00Z", "2021-01-01T00:00Z", "２021-01-01T00:00:00Z",
      "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z",
    ])
  func refuses(text: String) {
    #expect(Instant(rfc3339: text) == nil)
  }

  @Test("What is written is read again as the same", arguments: 1...20 as ClosedRange<UInt64>)
  func roundTrips(seed: UInt64) {
    var generator = SeededGenerator(seed)
    for _ in 0..<500 {
      let milliseconds = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
      let instant = Instant(milliseconds: milliseconds)
      #expect(Instant(rfc3339: instant.description) == instant, "seed \(seed): \(instant)")
    }
  }

  @Test("It is written in UTC with milliseconds, before 1970 as well, and at the ends of time it doesn't break")
  func writes() {
    #expect(Instant(milliseconds: 1_609_459_200_001).description == "2021-01-01T00:00:00.001Z")
    #expect(Instant(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    #expect(Instant(milliseconds: -86_400_000).description == "1969-12-31T00:00:00.000Z")
    #expect(Instant(milliseconds: .max).description.hasSuffix("T07:12:55.807Z"))
    #expect(Instant(milliseconds: .min).description.hasSuffix("T16:47:04.192Z"))
  }
}
