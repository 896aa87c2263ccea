import CChecksum
import Testing
import Seeded

@Suite struct ChecksumTests {
  @Test(
    "CRC-32C gives the values of RFC 3720",
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      (Array(0..<32), 0x46dd_794e),
      (Array((0..<32).reversed()), 0x113f_db5c),
      (Array("123456789".utf8), 0xe306_9283),
      ([], 0),
    ] as [([UInt8], UInt32)])
  func knownValues(bytes: [UInt8], sum: UInt32) {
    #expect(crc32c(0, bytes, bytes.count) == sum)
  }

  @Test("A CRC-32C goes on where another ended, at every cut")
  func continues() {
    var generator = SeededGenerator(1)
    let bytes = generator.bytes(100)
    for cut in 0...bytes.count {
      let first = crc32c(0, Array(bytes[..<cut]), cut)
      #expect(crc32c(first, Array(bytes[cut...]), bytes.count - cut) == crc32c(0, bytes, bytes.count))
    }
  }

  @Test(
    "Long input, summed in three parts side by side, has the sum of its pieces",
    arguments: [12_287, 12_288, 12_289, 40_000])
  func long(size: Int) {
    let bytes = SeededGenerator.bytes(size, seed: UInt64(size))
    var sum: UInt32 = 0
    for start in stride(from: 0, to: size, by: 100) {
      let piece = Array(bytes[start..<min(size, start + 100)])
      sum = crc32c(sum, piece, piece.count)
    }
    #expect(crc32c(0, bytes, size) == sum)
  }

  @Test("Two sums make the sum of both, and zeros shift", arguments: [0, 1, 8, 61, 4096, 70_001])
  func combines(size: Int) {
    let (first, second) = (SeededGenerator.bytes(77, seed: 1), SeededGenerator.bytes(size, seed: 2))
    let (a, b) = (crc32c(0, first, 77), crc32c(0, second, size))
    #expect(crc32c_combine(a, b, UInt64(size)) == crc32c(a, second, size))
    let zeros = [UInt8](repeating: 0, count: size)
    #expect(crc32c_shift(a, UInt64(size)) == crc32c(a, zeros, size) ^ crc32c(0, zeros, size))
    #expect(crc32c_shift(crc32c_shift(a, 1 << 40), 1 << 40) == crc32c_shift(a, 1 << 41))
  }
}

extension SeededGenerator {
  fileprivate static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed)
    return generator.bytes(count)
  }
}
