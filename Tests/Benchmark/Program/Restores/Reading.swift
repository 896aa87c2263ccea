import ColdStorage
import Glibc
import LocalBroker
import Measures
import Threads

/// The reading half alone: every batch checked, inflated and decoded to its last record, against `zstd -d` of the same bytes.
struct Reading {
  let rig: Rig
  let archives: Archives
  let rounds: Int

  func run(_ kinds: [BenchArchive.Kind]) throws -> String {
    let cores = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var table = TextTable(
      "Reading an archive: checksums, inflating and decoding, against zstd -d of the same bytes",
      [
        "archive", "ratio", "min–max", "CPU ratio", "min–max", "reach", "MB/s", "\(cores) readers", "zstd -d",
      ])
    for kind in kinds {
      let archive = try archives.make(kind)
      let frames = "\(rig.directory)/frames.zst"
      try Self.writeFrames(archive, frames)
      let laps = try Contest.run(
        rounds,
        [
          { try Self.inflate(frames) }, { try Lap.of(broker: nil) { try Self.read(archive, threads: 1) } },
          { try Lap.of(broker: nil) { try Self.read(archive, threads: cores) } },
        ])
      unlink(frames)
      let (ratio, own) = (laps[0].wall.over(laps[1].wall), laps[0].own.over(laps[1].own))
      let megabytes = Double(archive.contentBytes) / 1e6
      table.add([
        kind.name, Spelled.number(ratio.median), Spelled.range(ratio.range), Spelled.number(own.median),
        Spelled.range(own.range), Spelled.reach(0.8),
        Spelled.number(laps[1].wall.median.map { megabytes / $0 }),
        Spelled.number(laps[2].wall.median.map { megabytes * Double(cores) / $0 }),
        Spelled.number(laps[0].wall.median.map { megabytes / $0 }),
      ])
    }
    return table.text
  }

  private static func read(_ archive: BenchArchive, threads: Int) throws {
    for count in try Together.run(threads, "read", { _ in try read(archive) }) {
      guard try count.get() == archive.records else { throw Wrong("\(try count.get()) records were read") }
    }
  }

  private static func read(_ archive: BenchArchive) throws -> Int64 {
    let reader = try archive.open().reader(0)
    let inflater = try BatchInflater()
    let slot = try RecordBuffer()
    var count: Int64 = 0
    while let batch = try reader.next() {
      try inflater.inflate(batch, into: slot)
      var records = batch.records(slot)
      while try records.next() != nil { count += 1 }
    }
    return count
  }

  /// Frames one after the other are one stream to zstd (RFC 8878, 3).
  private static func writeFrames(_ archive: BenchArchive, _ path: String) throws {
    guard let file = fopen(path, "w") else { throw Wrong("\(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    let reader = try archive.open().reader(0)
    while let batch = try reader.next() {
      guard batch.header.attributes.codec == .zstd else { throw Wrong("a batch isn't compressed with zstd") }
      let frame = batch.bytes[BatchHeader.byteCount...]
      guard fwrite(UnsafeRawBufferPointer(rebasing: frame).baseAddress, 1, frame.count, file) == frame.count else {
        throw Wrong("\(path) can't be written")
      }
    }
  }

  private static func inflate(_ frames: String) throws -> Lap {
    let before = childrenSeconds()
    var lap = try Lap.of(broker: nil) {
      try Child.run("/bin/sh", ["-c", "exec zstd -dqc \"$0\" >/dev/null", frames], log: "\(frames).log")
    }
    lap.own = childrenSeconds() - before
    return lap
  }

  /// Of children that have ended.
  private static func childrenSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }
}

/// A program that is run to its end.
enum Child {
  /// Throws unless it ends with 0; what it prints is in `log`, and in the error.
  static func run(_ program: String, _ arguments: [String], log: String) throws {
    let ended = Monitor<ChildProcess.Exit?>(nil)
    let child = try ChildProcess(program, arguments, output: log)
    child.whenEnded { exit in ended.change { $0 = exit } }
    let exit = ended.wait { $0 }
    guard exit == .exited(code: 0) else {
      throw Wrong("\(program) \(arguments.joined(separator: " ")): \(exit.map { "\($0)" } ?? "gone"), see \(log)")
    }
  }
}
