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
}
