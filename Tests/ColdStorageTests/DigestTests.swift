import Testing

@testable import ColdStorage
import Seeded

@Suite struct DigestTests {
  private func digest(_ records: [TestRecord]) throws -> RecordsDigest {
    let digester = try RecordDigester()
    return try records.reduce(into: .empty) { sum, record in
      sum.append(try record.borrowed { try digester.digest(of: $0) })
    }
  }

  @Test("Timestamps have the digests that the format names")
  func timestamps() throws {
    let one = TestRecord(offset: 0, timestamp: 1)
    let minusOne = TestRecord(offset: 1, timestamp: -1)
    #expect(try digest([one]).timestamps.hex == "5e79ae406e85355c521c17117323b0ae")
    #expect(try digest([minusOne]).timestamps.hex == "5c6b20d207425aa58b3249d34c2ef0b1")
    #expect(try digest([one, minusOne]).timestamps.hex == "1c7ea1934a0ce9fbc4f504b0b63c5228")
  }

  @Test("Keys, values and headers have the digests that the format names")
  func contents() throws {
    let first = TestRecord(offset: 0, timestamp: 0, key: nil, value: [])
    let second = TestRecord(
      offset: 1, timestamp: 0, key: Array("k".utf8), value: nil,
      headers: [
        .init(name: Array("a".utf8), value: nil), .init(name: Array("a".utf8), value: Array("v".utf8)),
      ])
    #expect(try digest([first]).rest.hex == "4a4a189fa749210ae34e37219e49a10a")
    #expect(try digest([second]).rest.hex == "2ee58edd77c24522135dc91cac12f262")
    #expect(try digest([first, second]).rest.hex == "1b0d90512037185550d7be8e4692aeb7")
  }

  @Test("A sequence's digest follows from its parts', wherever it is cut", arguments: [1, 2, 3] as [UInt64])
  func composes(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let records = TestRecord.random(60, using: &generator)
    let whole = try digest(records)
    for cut in 0...records.count {
      var sum = try digest(Array(records[..<cut]))
      sum.append(try digest(Array(records[cut...])))
      #expect(sum == whole)
    }
  }

  @Test("Order, number and null against empty all count")
  func sensitive() throws {
    let a = TestRecord(offset: 0, timestamp: 1, key: [1], value: [])
    let b = TestRecord(offset: 1, timestamp: 2, key: [2], value: nil)
    #expect(try digest([a, b]) != digest([b, a]))
    #expect(try digest([a, a]).rest != digest([a]).rest)
    #expect(try digest([TestRecord(offset: 0, timestamp: 1, key: [1], value: nil)]).rest != digest([a]).rest)
  }

  @Test("A power is what multiplying again and again gives")
  func powers() {
    var product: UInt128 = 1
    for exponent in 0..<200 as Range<UInt64> {
      #expect(Digest.power(exponent) == product)
      product = Digest.multiply(product, Digest.base)
    }
    // Fermat: the modulus is a prime.
    let (halves, one) = (Digest.power(1 << 62), Digest.power(0))
    #expect(one == 1)
    #expect(Digest.multiply(halves, halves) == Digest.power(1 << 63))
  }

  @Test("Reducing is exact at the edges")
  func edges() {
    #expect(Digest.reduce(Digest.modulus) == 0)
    #expect(Digest.reduce(Digest.modulus + 1) == 1)
    #expect(Digest.reduce(.max) == 1)
    #expect(Digest.multiply(Digest.modulus - 1, Digest.modulus - 1) == 1)
    #expect(Digest.add(Digest.modulus - 1, 1) == 0)
  }

  @Test("Only 32 lower-case digits below the modulus are a digest")
  func hexadecimal() {
    #expect(Digest(hex: "5e79ae406e85355c521c17117323b0ae")?.hex == "5e79ae406e85355c521c17117323b0ae")
    #expect(Digest(hex: "5E79ae406e85355c521c17117323b0ae") == nil)
    #expect(Digest(hex: "5e79ae406e85355c521c17117323b0") == nil)
    #expect(Digest(hex: "7fffffffffffffffffffffffffffffff") == nil)
    #expect(Digest(hex: "7ffffffffffffffffffffffffffffffe")?.value == Digest.modulus - 1)
  }
}
