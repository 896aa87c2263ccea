import ColdStorage
import CommandLineParser
import Glibc
import Measures
import Threads

/// One call: which rows, how large, on which broker.
struct Benchmark {
  private let rows: [Row]
  private let rounds: Int
  private let megabytes: Int
  private let resources: [Int]
  private let commands: Int
  private let servers: String?
  private let brokerID: Int32?
  private let home: String?
  private let directory: String
  private let isQuick: Bool
  private let isBig: Bool
  private let once: (archive: String, target: String, servers: String)?

  init(_ invocation: Invocation) throws {
    let isQuick = invocation.flag("quick")
    self.isQuick = isQuick
    isBig = invocation.flag("big")
    func number(_ option: String, _ range: ClosedRange<Int64>, _ usual: Int, _ quick: Int) throws -> Int {
      try invocation.int(option, in: range).map { Int($0) } ?? (isQuick ? quick : usual)
    }
    rows = try Row.parse(invocation.value("rows") ?? "all")
    rounds = try number("rounds", 1...1000, 5, 2)
    megabytes = try number("megabytes", 1...10_000, 400, 16)
    commands = try number("commands", 1...1_000_000, 10_000, 1000)
    let counts = invocation.value("resources") ?? (isQuick ? "1000" : "1000,10000,100000")
    resources = counts.split(separator: ",").compactMap { Int($0) }
    servers = invocation.value("bootstrap-servers")
    brokerID = try invocation.int("broker-pid", in: 1...Int64(Int32.max)).map { Int32($0) }
    home = invocation.value("kafka-home")
    guard let directory = invocation.value("directory") else { throw Wrong("--directory is missing") }
    self.directory = directory
    if let archive = invocation.value("restore-once") {
      guard let target = invocation.value("target"), let servers else {
        throw Wrong("--restore-once needs --target and --bootstrap-servers")
      }
      once = (archive, target, servers)
    } else {
      once = nil
    }
  }

  func run() async throws {
    if let once {
      let (archive, target, servers) = once
      return try await NamedThread.run("restore") { try Memory.restoreOnce(archive, to: target, servers) }
    }
    let rig = try await makeRig()
    do {
      try await measure(rig)
    } catch {
      await rig.stop()
      throw error
    }
    await rig.stop()
  }

  private func makeRig() async throws -> Rig {
    if let servers { return Rig(servers: servers, brokerID: brokerID, directory: directory) }
    guard let home else { throw Wrong("no broker: set KAFKA_HOME, or name one with --bootstrap-servers") }
    return try await Rig(home: home, directory: directory)
  }

  /// A row that fails doesn't take what the others have found with it.
  private func measure(_ rig: Rig) async throws {
    print("Archives of \(megabytes) MB, \(rounds) rounds, \(cores) cores")
    var failed = try await NamedThread.run("bench") { try measureRecords(rig) }
    if rows.contains(.control) {
      do { try await measureControl(rig) } catch { failed.append(told(.control, error)) }
    }
    guard failed.isEmpty else { throw Wrong("not measured: \(failed.joined(separator: ", "))") }
  }

  /// The rows that failed.
  private func measureRecords(_ rig: Rig) throws -> [String] {
    let archives = Archives(in: directory)
    let restores = Restores(rig, archives, rounds: rounds)
    var (reports, failed) = ([String](), [String]())
    for row in rows where row != .control {
      say("\(row.rawValue): \(row.summary)")
      do {
        if try !restores.run(row, megabytes: megabytes) { reports.append(try report(row, rig, archives, restores)) }
      } catch {
        failed.append(told(row, error))
      }
      do { try rig.deleteTopics() } catch { say("the topics of \(row.rawValue) stay: \(error)") }
    }
    for report in [restores.report].compactMap({ $0 }) + reports { print("\n\(report)") }
    return failed
  }

  private func measureControl(_ rig: Rig) async throws {
    say("\(Row.control.rawValue): \(Row.control.summary)")
    try await FoldBenchmark.run(resources)
    try await DecisionBenchmark.run(resources, commands: commands)
    try await BrokerBenchmark(servers: rig.servers).run(resources, commands: commands)
  }

  private func told(_ row: Row, _ error: any Error) -> String {
    say("\(row.rawValue): \(error)")
    return row.rawValue
  }

  private var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

  /// The table of a row that has one of its own.
  private func report(_ row: Row, _ rig: Rig, _ archives: Archives, _ restores: Restores) throws -> String {
    let zstd = [RecordMaker.Shape.event, .document].map { shape in
      BenchArchive.Kind(shape: shape, codec: .zstd, megabytes: megabytes)
    }
    switch row {
    case .copy:
      let plain = BenchArchive.Kind(shape: .document, codec: .none, megabytes: megabytes)
      return try restores.copies([zstd[0], plain])
    case .reading: return try Reading(rig: rig, archives: archives, rounds: rounds).run(zstd)
    case .transactions: return try restores.transactions(zstd[0])
    case .batchSizes:
      return try restores.batchSizes(megabytes: max(1, megabytes / 4), isQuick: isQuick).joined(separator: "\n")
    case .memory:
      let sizes = isQuick ? [megabytes, 4 * megabytes] : [100, 1000] + (isBig ? [10_000] : [])
      return try Memory(rig: rig, archives: archives).run(megabytes: sizes)
    case .first:
      return try FirstRecord(rig: rig, archives: archives, rounds: rounds).run(segments: [10, isQuick ? 100 : 10_000])
    default: throw Wrong("the row \(row.rawValue) has no table of its own")
    }
  }

  /// Progress, beside the report.
  private func say(_ line: String) {
    // Where both go to one place, tables come whole.
    fflush(nil)
    let bytes = Array("bench: \(line)\n".utf8)
    write(STDERR_FILENO, bytes, bytes.count)
  }
}
