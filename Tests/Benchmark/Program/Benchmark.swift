import CommandLineParser
import Glibc
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

  init(_ invocation: Invocation) throws {
    let isQuick = invocation.flag("quick")
    func number(_ option: String, _ range: ClosedRange<Int64>, _ usual: Int, _ quick: Int) throws -> Int {
      try invocation.int(option, in: range).map { Int($0) } ?? (isQuick ? quick : usual)
    }
    rows = try Row.parse(invocation.value("rows") ?? "all")
    rounds = try number("rounds", 1...1000, 5, 2)
    megabytes = try number("megabytes", 1...10_000, 400, 24)
    commands = try number("commands", 1...1_000_000, 10_000, 1000)
    let counts = invocation.value("resources") ?? (isQuick ? "1000" : "1000,10000,100000")
    resources = counts.split(separator: ",").compactMap { Int($0) }
    servers = invocation.value("bootstrap-servers")
    brokerID = try invocation.int("broker-pid", in: 1...Int64(Int32.max)).map { Int32($0) }
    home = invocation.value("kafka-home")
    guard let directory = invocation.value("directory") else { throw Wrong("--directory is missing") }
    self.directory = directory
  }

  func run() async throws {
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

  private func measure(_ rig: Rig) async throws {
    try await NamedThread.run("bench") {
      let restores = Restores(rig, Archives(in: directory), rounds: rounds)
      for row in rows {
        say("\(row.rawValue): \(row.summary)")
        _ = try restores.run(row, megabytes: megabytes)
      }
      if let report = restores.report { print("\n\(report)") }
    }
    if rows.contains(.control) {
      try await FoldBenchmark.run(resources)
      try await DecisionBenchmark.run(resources, commands: commands)
      try await BrokerBenchmark(servers: rig.servers).run(resources, commands: commands)
    }
  }

  /// Progress, beside the report.
  private func say(_ line: String) {
    let bytes = Array("bench: \(line)\n".utf8)
    write(STDERR_FILENO, bytes, bytes.count)
  }
}
