import ColdStorage
import LocalBroker
import Logging
import RestoreModel
import TestSupport
import Testing
import Threads

@testable import RestoreEngine

/// `THAW_BIG_ARCHIVE_MB=10240` makes the larger archive one of 10 GB; it takes a gigabyte of disk, and some minutes.
@Suite("Memory does not grow with the archive")
struct FlatMemoryTests {
  static let recordBytes = 10_000

  /// Each has its number in front of the same incompressible bytes, so that little of it is on disk.
  private static func write(_ archive: TestArchive, records: Int64) throws {
    let writer = try TopicArchiveWriter(try VolumeStore(root: archive.path), topic: "big")
    let partition = try writer.writer(0, startOffset: 0)
    let value = UnsafeMutableRawBufferPointer.allocate(byteCount: recordBytes, alignment: 8)
    defer { value.deallocate() }
    for index in value.indices { value[index] = UInt8.random(in: 0...255) }
    for offset in 0..<records {
      value.storeBytes(of: offset, as: Int64.self)
      let record = SourceRecord(
        offset: offset, timestamp: 1_600_000_000_000 + offset, key: nil, value: UnsafeRawBufferPointer(value))
      try partition.append(record, .createTime)
    }
    try partition.finish(endOffset: records)
    try writer.commit(
      ArchiveIndex(topic: "big", partitionCount: 1, configuration: [:], capturedAt: 1, bounds: [0..<records]),
      endOffsets: [0: records])
  }

  /// Runs by itself with a small archive, and in processes of its own below.
  @Test("What is counted is what was archived")
  func counted() async throws {
    let megabytes = Environment["THAW_ARCHIVE_MB"].flatMap { Int64($0) } ?? 8
    let records = megabytes * 1_000_000 / Int64(Self.recordBytes)
    let archive = try TestArchive()
    try Self.write(archive, records: records)
    var spec = RestoreSpec(source: "archive", sink: "hub")
    spec.config.topics = [TopicMapping(source: "big", target: "big")]
    let plan = try RestoreSelection(try archive.reader, spec.config, planned: [])
    let lane = PlannedLane(id: LaneID(0), topics: ["big"], maxMessageBytes: 1_048_588)
    let item = WorkItem(
      id: WorkItem.ID(
        key: ResourceKey(.restore, name: "big"), uid: RestoreHarness.randomUID(), run: 1, claim: Claim(1),
        task: .lane(lane.id)),
      spec: spec, source: .volume(path: archive.path), sink: EventHubSpec(properties: [:]), sourceCredentials: nil,
      sinkCredentials: nil, lanes: [lane], archiveDigest: plan.digest, sources: plan.sources, positioned: false,
      slots: 1)
    let control = WorkControl(item)
    let restored = Locked(Figures())
    let assignment = Assignment(
      item: item, policy: EnginePolicy(volumeRoots: [archive.path], memoryPerLane: 16 << 20), control: control,
      throttle: Throttle(bytesPerSecond: nil), logger: Logger("memory", to: MemoryLogSink()),
      sinks: SinkFactory(
        openSink: { assignment, _, _, _ in try CountingSink(RecordChanges(assignment.config)) },
        checkTopic: { _, _, _ in })
    ) { content in
      switch content {
      case .positioned:
        var known = item
        known.positioned = true
        control.update(known)
      case .topicRestored(_, _, let figures): restored.withLock { $0 = figures }
      default: break
      }
    }
    #expect(try await NamedThread.run("worker") { Worker.run(assignment) } == .finished)
    #expect(restored.withLock { $0.recordsRestored } == records)
    #expect(restored.withLock { $0.bytesRestored } == records * Int64(Self.recordBytes))
    if let path = Environment["THAW_MEMORY_REPORT"] {
      try writeFile(path, Array("\(try Self.peak())".utf8))
    }
  }

  /// `VmHWM` of this process, in kB.
  private static func peak() throws -> Int {
    let status = String(decoding: try readFile("/proc/self/status"), as: UTF8.self)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
  }

  @Test("An archive many times as large takes hardly more memory to write and to restore", .timeLimit(.minutes(60)))
  func flat() async throws {
    let large = Environment["THAW_BIG_ARCHIVE_MB"].flatMap { Int64($0) } ?? 400
    var peaks: [Int] = []
    for megabytes in [100, large] {
      let folder = try TemporaryDirectory.make("memory")
      let child = try ChildProcess(
        CommandLine.arguments[0],
        ["--testing-library", "swift-testing", "--filter", "Integration.FlatMemoryTests/counted"],
        environment: [
          "PATH": Environment["PATH"] ?? "", "TMPDIR": Environment["TMPDIR"] ?? "/tmp",
          "LD_LIBRARY_PATH": Environment["LD_LIBRARY_PATH"] ?? "", "THAW_ARCHIVE_MB": "\(megabytes)",
          "THAW_MEMORY_REPORT": "\(folder)/peak",
        ], output: "\(folder)/log")
      let exit = await child.ended()
      let log = (try? readFile("\(folder)/log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
      try #require(exit == .exited(code: 0), "\(log)")
      let peak = String(decoding: try readFile("\(folder)/peak"), as: UTF8.self)
      peaks.append(try #require(Int(peak), "\(log)"))
    }
    print("peak memory: \(peaks[0]) kB with 100 MB, \(peaks[1]) kB with \(large) MB")
    #expect(peaks[1] - peaks[0] < 24_000, "\(peaks) kB")
  }
}
