import ColdStorage
import Glibc
import Kafka
import Measures
import RestoreModel

/// The most memory that a Restore takes, each in a process of its own: it must not grow with the archive.
struct Memory {
  let rig: Rig
  let archives: Archives

  func run(megabytes sizes: [Int]) throws -> String {
    var table = TextTable(
      "Memory of a process that restores, at its peak; at most 256 MB, whatever the archive's size",
      ["archive, MB", "records", "peak, MB"], texts: 0)
    for megabytes in sizes {
      let archive = try archives.make(
        BenchArchive.Kind(shape: .event, codec: .zstd, megabytes: megabytes))
      let target = try rig.makeTopics(1)
      let log = "\(rig.directory)/memory-\(megabytes).log"
      try Child.run(
        "/proc/self/exe",
        [
          "--restore-once", archive.path, "--target", target[0], "-b", rig.servers, "--directory", rig.directory,
        ], log: log)
      try rig.check(target, hold: archive.records)
      table.add(["\(megabytes)", "\(archive.records)", "\(try Self.peak(in: log))"])
    }
    return table.text
  }

  /// The number that the child printed.
  private static func peak(in log: String) throws -> Int {
    guard let file = fopen(log, "r") else { throw Wrong("\(log): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: " ")
      if words.first == "peak", words.count == 2, let peak = Int(words[1]) { return peak }
    }
    throw Wrong("\(log) tells no peak")
  }

  /// What the child does: it says its peak in MB.
  static func restoreOnce(_ path: String, to target: String, _ servers: String) throws {
    let kind = BenchArchive.Kind(shape: .event, codec: .zstd, megabytes: 0)
    let records = try ArchiveReader(VolumeStore(root: path)).open(BenchArchive.topic).records
    let archive = BenchArchive(kind: kind, path: path, records: records, contentBytes: 0)
    let restored = try EngineRun(archive: archive, servers: servers, targets: [target]).prepare().restore()
    guard restored.recordsRestored == records else { throw Wrong("\(restored.recordsRestored) records were restored") }
    print("peak \(Figures.peakMegabytes())")
  }
}
