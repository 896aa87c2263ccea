import Crypto
import Seeded
import Testing

@Suite("XXH3 of 128 bits") struct XXH3Tests {
  /// Made with `xxh128sum` 0.8.1.
  private static let known: [(count: Int, sum: String)] = [
    (0, "99aa06d3014798d86001c324468d497f"), (1, "a6cd5e9392000f6ac44bdff4074eecdb"),
    (3, "656e81c56e41fe02c3489259e968ad9e"), (9, "82ddc95bc76007671c69c3f04aaed08c"),
    (17, "263f67af63088041735fe434ded90c3c"), (128, "dd9e5aa9bd51cc9cc6bd21ecc865f29f"),
    (129, "00433635cf8d872e7f4accb76587485b"), (240, "89e3a0a2ee355d25d10beb4e0599e4b3"),
    (241, "75f4da43f23cce5a541b19226f0052e8"), (256, "d49510bd86c6d0acf2331523b74cf0a4"),
    (257, "22b23a9516c3533133074291cf400551"), (1024, "03de0c29e9f0bc7fba464919c6bb3ccd"),
    (1025, "7584e04fe3414e5a2aa0034e7827ee42"), (70_001, "64ee039eb2088657741caf7a0699a61a"),
    (1_000_000, "aa38d5563cebea1d774ca1f121240067"),
  ]

  private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 251) } }

  @Test("Bytes of every length have the sum that xxh128sum prints, at once and in pieces", arguments: known)
  func sums(count: Int, sum: String) throws {
    let bytes = pattern(count)
    try bytes.withUnsafeBytes { bytes in
      let expected = XXH3Sum(hex: sum)
      #expect(XXH3.hash128(bytes) == UInt128(sum, radix: 16))
      for seed in UInt64(0)..<5 {
        var generator = SeededGenerator(seed)
        var hash = try XXH3()
        var rest = bytes[...]
        while !rest.isEmpty {
          let size = Int.random(in: 0...[3, 300, 100_000][Int(seed % 3)], using: &generator)
          hash.update(UnsafeRawBufferPointer(rebasing: rest.prefix(size)))
          rest = rest.dropFirst(size)
        }
        #expect(hash.finish() == expected, "seed \(seed)")
      }
    }
  }

  @Test("A sum is read from 32 lower-case digits and from nothing else")
  func hex() {
    let text = "00aa06d3014798d86001c324468d497f"
    #expect(XXH3Sum(hex: text)?.hex == text)
    for other in ["", String(text.dropLast()), text + "0", text.uppercased(), "+" + text.dropFirst()] {
      #expect(XXH3Sum(hex: other) == nil)
    }
  }
}
