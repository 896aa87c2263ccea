import ColdStorage
import RestoreModel
import TestSupport
import Testing

@testable import RestoreEngine

/// A restore holds each segment's file against one of the sums that the index has of it.
@Suite("Sums of segments in a restore") struct SegmentSumTests {
  private func edit(_ archive: TestArchive, _ file: String, _ change: (inout [UInt8]) throws -> Void) throws {
    let (store, key) = (try VolumeStore(root: archive.path), try BlobKey(file))
    var bytes = try store.read(key)
    try change(&bytes)
    try store.write(key, bytes)
  }

  /// As archives were before there was the fast sum.
  private func makeOlder(_ archive: TestArchive) throws {
    for number in LaneTests.partitions.indices {
      try edit(archive, "orders/\(number)/segments.json") { bytes in
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.contains("\"xxh3\"") }
        bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
      }
    }
  }

  @Test("An archive without the fast sum is restored")
  func older() async throws {
    let archive = try LaneTests.archive()
    try makeOlder(archive)
    #expect(try archive.reader.open("orders").partitions.allSatisfy { $0.segments.allSatisfy { $0.xxh3 == nil } })
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["orders"]))
    #expect(try await run.work(run.item(.lane(LaneID(0)), claim: 1)) == .finished)
    try LaneTests.expectWhole(run)
  }

  /// A run reads up to the archive's end, which is that of its last segment too.
  @Test(
    "A batch moved within a gap fails the run, and the segment is named, be it one of many or the only one",
    arguments: [false, true], [false, true])
  func moved(older: Bool, only: Bool) async throws {
    let archive = try TestArchive()
    try archive.write("orders", LaneTests.partitions, limits: only ? .init(batchBytes: 1024) : LaneTests.limits)
    if older { try makeOlder(archive) }
    let segments = try archive.reader.open("orders").partitions[0].segments
    #expect((segments.count == 1) == only)
    let file = "orders/0/\(try #require(segments.first).file)"
    try edit(archive, file) { bytes in
      let size = try bytes.withUnsafeBytes { try BatchHeader(parsing: $0).size }
      // The second batch begins an offset earlier, where there is none.
      bytes[size + 7] -= 1
    }
    let run = try SimulatedRun(archive, SimulatedCluster(), SimulatedRun.config(["orders"]))
    guard case .failed(let fault) = try await run.work(run.item(.lane(LaneID(0)), claim: 1)) else {
      Issue.record("nothing was found")
      return
    }
    #expect(fault.reason == "DamagedSegment" && fault.message.contains("\(archive.path)/\(file)"), "\(fault)")
    #expect(fault.message.contains(older ? "its SHA-256 is not" : "its XXH3-128 is not"), "\(fault)")
  }
}
