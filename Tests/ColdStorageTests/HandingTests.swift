import Seeded
import Testing

@testable import ColdStorage

/// Batches that leave the reader with the memory in which they lie.
@Suite("Batches handed on")
struct HandingTests {
  @Test("What was handed on stays as it is stored while the reader goes on, whatever the window")
  func handed() throws {
    for seed in UInt64(0)..<20 {
      var random = SeededGenerator(seed)
      let size = [50, 2000, 30_000].randomElement(using: &random) ?? 50
      let records = (0..<Int64(200)).map { offset in
        var record = TestRecord(offset: offset, timestamp: offset)
        record.value = random.bytes(Int.random(in: 0...size, using: &random))
        return record
      }
      let archive = try TestArchive(
        records, codec: seed % 2 == 0 ? .none : .zstd,
        limits: .init(segmentBytes: 300_000, batchBytes: [1000, 50_000, 200_000].randomElement(using: &random) ?? 1000))
      var stored: [[UInt8]] = []
      let plain = try archive.open().reader(0)
      while let batch = try plain.next() { stored.append(Array(batch.bytes)) }
      for window in [0, 100, 4096, 100_000, 4 << 20] {
        var slots: [(slot: RecordBuffer, bytes: UnsafeRawBufferPointer)] = []
        // Some slots are new, others have served before.
        var free = try (0..<3).map { _ in try RecordBuffer(capacity: Int.random(in: 0...100_000, using: &random)) }
        let reader = try archive.open().reader(0, window: window)
        while let batch = try reader.next() {
          let slot = try free.popLast() ?? RecordBuffer()
          slots.append((slot, try reader.hand(batch, to: slot)))
        }
        #expect(slots.map { Array($0.bytes) } == stored, "seed \(seed), window \(window)")
      }
    }
  }

  @Test("A large batch is handed on without a copy, a small one leaves the reader its memory")
  func memory() throws {
    let value = [UInt8](repeating: 7, count: 1000)
    let records = (0..<Int64(100)).map { TestRecord(offset: $0, timestamp: $0, value: value) }
    func isCopied(_ batchBytes: Int) throws -> [Bool] {
      let archive = try TestArchive(records, codec: .none, limits: .init(batchBytes: batchBytes))
      let reader = try archive.open().reader(0, window: 40_000)
      var copied: [Bool] = []
      while let batch = try reader.next() {
        let before = batch.bytes.baseAddress
        let slot = try RecordBuffer()
        let handed = try reader.hand(batch, to: slot)
        copied.append(handed.baseAddress != before)
        withExtendedLifetime(slot) {}
      }
      return copied
    }
    // The first begins in a whole window, of which the next batch may be a part.
    #expect(try isCopied(30_000).dropFirst() == [false, false, false])
    #expect(try isCopied(3000).allSatisfy { $0 })
  }
}
