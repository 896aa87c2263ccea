import ColdStorage
import Glibc
import Kafka
import LocalBroker
import RestoreEngine
import RestoreModel
import TestSupport
import Testing
import Threads

/// What befalls an archive before a run, or in its midst.
@Suite("An archive that is damaged, incomplete or out of reach")
struct ArchiveFaultTests {
  typealias Expect = RestoreExpectations

  /// Many segments, of which little is read ahead.
  struct Scene {
    static let limits = PartitionWriter.Limits(segmentBytes: 4096, batchBytes: 1000)

    let broker: Broker
    let archive: TestArchive
    let target: String
    let records: [TestRecord]
    let gate = Gate(.committed, 2)
    let harness: RestoreHarness

    init() async throws {
      broker = try await Broker.require([.stablePositions])
      archive = try TestArchive()
      records = Expect.varied(1500, size: 3)
      try archive.write("orders", [records], limits: Self.limits)
      target = try await broker.makeTopic("target")
      harness = RestoreHarness(
        broker.bootstrapServers, archive, config: Expect.config([("orders", target)]),
        transactions: TransactionBounds(interval: .seconds(1), bytes: 10_000), steps: gate.steps,
        patience: .seconds(60),
        memoryPerLane: 1000)
    }

    var folder: String { "\(archive.path)/orders" }

    /// A segment that no worker has read when it stands at the gate.
    func segment() throws -> SegmentEntry {
      let segments = try archive.reader.open("orders").partitions[0].segments
      try #require(segments.count > 10)
      return segments[segments.count - 3]
    }

    /// A run that stands still, some of its records committed.
    func begin() async throws {
      try await harness.prepare()
      harness.want(.lanes)
      try await gate.awaitArrival()
    }

    func expectEveryRecordOnce() async throws {
      try await harness.finish()
      #expect(harness.now.faults == [])
      try await Expect.expect(records, in: broker, target)
      let receipt = try await harness.verify()
      #expect(receipt.verdict == .digestsMatch, "\(receipt)")
      await harness.stop()
    }

    func failure() async throws -> RunFault {
      try await harness.wait("the failure", within: .seconds(90)) { $0.faults.first }
    }

    func retry() {
      harness.raiseClaim()
      harness.want(.lanes)
    }
  }

  enum Fault: String, CaseIterable, CustomTestStringConvertible {
    case truncated, flipped, missing, digestsMissing, empty, isFolder
    var testDescription: String { rawValue }

    /// Inflicts it; returns the file that is to be named, and the byte.
    func inflict(_ folder: String, _ segment: SegmentEntry) throws -> (file: String, byte: Int?) {
      let path = "\(folder)/0/\(self == .digestsMissing ? segment.digestsFile : segment.file)"
      var bytes = try readFile(path)
      switch self {
      case .truncated: try writeFile(path, Array(bytes.dropLast(7)))
      case .flipped:
        bytes[bytes.count / 2] ^= 0x10
        try writeFile(path, bytes)
      case .empty: try writeFile(path, [])
      case .missing, .digestsMissing: try #require(unlink(path) == 0)
      case .isFolder:
        try #require(unlink(path) == 0 && mkdir(path, 0o755) == 0)
        return (path, nil)
      }
      switch self {
      case .truncated: return (path, bytes.count - 7)
      case .flipped: return (path, nil)
      default: return (path, 0)
      }
    }
  }

  @Test(
    "A damaged segment fails the run, before or in its midst: file, byte and offsets are named, and mended it goes on",
    .broker(.stablePositions), arguments: Fault.allCases, [false, true])
  func damaged(_ fault: Fault, inMidst: Bool) async throws {
    let scene = try await Scene()
    let segment = try scene.segment()
    let names = [segment.file, segment.digestsFile]
    let whole = try names.map { try readFile("\(scene.folder)/0/\($0)") }
    if inMidst { try await scene.begin() }
    let (file, byte) = try fault.inflict(scene.folder, segment)
    if inMidst {
      scene.gate.open()
    } else {
      scene.gate.open()
      try await scene.begin()
    }
    let reason = try await scene.failure()
    #expect(reason.message.contains(file), "\(reason)")
    if fault != .isFolder {
      #expect(reason.reason == "DamagedSegment", "\(reason)")
      #expect(reason.message.contains("at byte \(byte.map(String.init) ?? "")"), "\(reason)")
      let said = fault == .flipped ? "offsets " : "offsets \(segment.baseOffset) to \(segment.lastOffset)"
      #expect(reason.message.contains(said), "\(reason)")
    }
    let here = try await scene.broker.readAll(TopicPartition(scene.target, 0)).count
    #expect(here > 0 && here < scene.records.count)
    for (name, bytes) in zip(names, whole) {
      _ = rmdir("\(scene.folder)/0/\(name)")
      try writeFile("\(scene.folder)/0/\(name)", bytes)
    }
    scene.retry()
    try await scene.expectEveryRecordOnce()
  }

  @Test(
    "An index that can't be understood fails the run before anything is written, by the file's name",
    .broker(.stablePositions), arguments: ["archive.json", "0/segments.json"])
  func index(_ name: String) async throws {
    let scene = try await Scene()
    let bytes = try readFile("\(scene.folder)/\(name)")
    try writeFile("\(scene.folder)/\(name)", Array(bytes.dropLast(20)))
    scene.harness.want(.prepare)
    let fault = try await scene.failure()
    #expect(fault.reason == "DamagedArchive" && fault.message.contains("\(scene.folder)/\(name)"), "\(fault)")
    #expect(try await scene.broker.readAll(TopicPartition(scene.target, 0)).isEmpty)
    await scene.harness.stop()
  }

  @Test(
    "An index newer than its segments, as when a copy is under way, is named by what is missing; a run planned before doesn't look there",
    .broker(.stablePositions), arguments: [false, true])
  func newerIndex(inMidst: Bool) async throws {
    let scene = try await Scene()
    if inMidst { try await scene.begin() }
    let known = try scene.archive.reader.open("orders").partitions[0].segments.count
    var later = Expect.varied(50)
    for index in later.indices { later[index].offset += 10_000 }
    try scene.archive.write("orders", [later], limits: Scene.limits)
    let fresh = try scene.archive.reader.open("orders").partitions[0].segments.dropFirst(known)
    for segment in fresh { try #require(unlink("\(scene.folder)/0/\(segment.file)") == 0) }
    scene.gate.open()
    if inMidst { return try await scene.expectEveryRecordOnce() }
    try await scene.begin()
    let fault = try await scene.failure()
    let first = try #require(fresh.first)
    #expect(fault.reason == "DamagedSegment" && fault.message.contains(first.file), "\(fault)")
    #expect(fault.message.contains("offsets \(first.baseOffset) to \(first.lastOffset): it is missing"), "\(fault)")
    let here = try await scene.broker.readAll(TopicPartition(scene.target, 0)).count
    #expect(here > 0 && here <= scene.records.count)
    await scene.harness.stop()
  }

  enum Absence: String, CaseIterable, CustomTestStringConvertible {
    /// The directory that the Storage names.
    case volume
    /// All that is in it, as when it is mounted on no more.
    case content
    var testDescription: String { rawValue }
  }

  @Test(
    "A storage out of reach in mid-run is waited for, in words, and the run goes on when it is back",
    .broker(.stablePositions), arguments: Absence.allCases)
  func absent(_ absence: Absence) async throws {
    let scene = try await Scene()
    try await scene.begin()
    let place = absence == .volume ? scene.archive.path : scene.folder
    let elsewhere = try TemporaryDirectory.make("elsewhere") + "/orders"
    try #require(rename(place, elsewhere) == 0)
    scene.gate.open()
    let wait = try await scene.harness.wait("a wait for the storage", within: .seconds(90)) { $0.waits.first }
    #expect(wait.reason == "StorageUnreachable" && wait.message.contains(scene.archive.path), "\(wait)")
    try #require(rename(elsewhere, place) == 0)
    try await scene.expectEveryRecordOnce()
  }

  @Test(
    "A storage that stays out of reach fails the run when patience ends; a retry goes on", .broker(.stablePositions))
  func lost() async throws {
    let scene = try await Scene()
    let elsewhere = try TemporaryDirectory.make("elsewhere") + "/cold"
    let impatient = RestoreHarness(
      scene.broker.bootstrapServers, scene.archive, config: Expect.config([("orders", scene.target)]),
      transactions: TransactionBounds(interval: .seconds(1), bytes: 10_000), steps: scene.gate.steps,
      patience: .seconds(1), memoryPerLane: 1000)
    try await impatient.prepare()
    impatient.want(.lanes)
    try await scene.gate.awaitArrival()
    try #require(rename(scene.archive.path, elsewhere) == 0)
    scene.gate.open()
    let fault = try await impatient.wait("the end of patience") { $0.faults.first }
    #expect(fault.reason == "StorageUnreachable" && fault.message.contains(scene.archive.path), "\(fault)")
    #expect(fault.message.contains("tried again for 1 s"), "\(fault)")
    try #require(rename(elsewhere, scene.archive.path) == 0)
    impatient.raiseClaim()
    impatient.want(.lanes)
    try await impatient.finish()
    #expect(impatient.now.faults == [])
    try await Expect.expect(scene.records, in: scene.broker, scene.target)
    await impatient.stop()
  }
}
