import Testing

@testable import ColdStorage
import Seeded

/// A capture is run again and again, dying one change later each time, until it comes to its end.
@Suite struct CrashTests {
  private static let limits = PartitionWriter.Limits(segmentBytes: 600, batchBytes: 300)

  private func capture(
    _ store: any BlobStore, _ partitions: [[TestRecord]], checkpointing: Bool
  ) throws {
    let writer = try TopicArchiveWriter(store, topic: "orders", limits: Self.limits)
    for (number, records) in partitions.enumerated() {
      let partition = try writer.writer(Int32(number), startOffset: 0)
      // As a capture does: from where the archive ends.
      for record in records where record.offset >= partition.resumeOffset {
        try record.borrowed { try partition.append($0, .createTime) }
      }
      if checkpointing { try writer.checkpoint() }
    }
    let ends = partitions.map { ($0.last?.offset ?? -1) + 1 }
    try writer.commit(
      ArchiveIndex(
        topic: "orders", partitionCount: Int32(partitions.count), configuration: [:], capturedAt: 1,
        bounds: ends.map { 0..<$0 }),
      endOffsets: Dictionary(uniqueKeysWithValues: ends.enumerated().map { (Int32($0), $1) }))
  }

  /// The number of changes that a capture makes.
  private func dieEverywhere(
    _ archive: () throws -> TestArchive, _ partitions: [[TestRecord]], checkpointing: Bool,
    _ check: (TestArchive) throws -> Void
  ) throws -> Int {
    for changes in 0... {
      let archive = try archive()
      let store = CrashingStore(archive.store, after: changes)
      do {
        try capture(store, partitions, checkpointing: checkpointing)
        return changes
      } catch ArchiveError.storage(CrashingStore.crash) {
        try check(archive)
        try capture(archive.store, partitions, checkpointing: checkpointing)
        for (number, records) in partitions.enumerated() {
          #expect(try archive.records(Int32(number)) == records, "died after \(changes) changes")
        }
        let verification = try archive.open().verify()
        #expect(verification.isIntact && verification.unlisted.isEmpty, "died after \(changes) changes")
        #expect(!archive.folder.exists("orders/capture.incomplete"), "died after \(changes) changes")
        #expect(
          try archive.store.list(.root).allSatisfy { !$0.key.name.hasSuffix(".partial") },
          "died after \(changes) changes")
        withExtendedLifetime(store) {}
      }
    }
    return 0
  }

  @Test("A first capture that dies anywhere shows nothing, and the next one completes it", arguments: [false, true])
  func first(checkpointing: Bool) throws {
    var generator = SeededGenerator(61)
    let partitions = [TestRecord.random(40, using: &generator), [], TestRecord.random(30, using: &generator)]
    let changes = try dieEverywhere({ try TestArchive() }, partitions, checkpointing: checkpointing) { archive in
      guard try !ArchiveReader(archive.store).topics().isEmpty else { return }
      // It died right after archive.json.
      for (number, records) in partitions.enumerated() { #expect(try archive.records(Int32(number)) == records) }
    }
    #expect(changes > 20)
  }

  @Test("A later capture that dies anywhere leaves whole beginnings, and the next one completes them")
  func later() throws {
    var generator = SeededGenerator(62)
    let partitions = [TestRecord.random(60, using: &generator), TestRecord.random(50, using: &generator)]
    let before = partitions.map { Array($0[..<20]) }
    let changes = try dieEverywhere(
      {
        let archive = try TestArchive()
        try archive.write(before, limits: Self.limits)
        return archive
      }, partitions, checkpointing: true
    ) { archive in
      for (number, records) in partitions.enumerated() {
        let found = try archive.records(Int32(number))
        // Each partition as it was before, or as it is after.
        #expect(found == before[number] || found == records)
      }
      #expect(try archive.open().verify().isIntact)
    }
    #expect(changes > 20)
  }
}
