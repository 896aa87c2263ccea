import CommandLineParser

import Glibc

/// What the control plane costs: how long a new owner takes to fold what there is, what a decision takes beside many documents, and, with a
/// broker, how quickly commands are answered. To be run in a release build:
///
///     swift run -c release thaw-bench-control [--resources 1000,10000] [--commands N] [--bootstrap-servers HOST:PORT]
let program = Program(
  Command(
    "thaw-bench-control", "Measure the control plane",
    discussion: "Figures of one run on one machine: compare those of the same run with each other.",
    options: [
      .value("resources", "N,…", "documents there are", default: "1000,10000,100000"),
      .value("parts", "PART,…", "fold, decisions, broker", default: "fold,decisions,broker"),
      .value("commands", "N", "commands of a burst", default: "10000"),
      .value("bootstrap-servers", short: "b", "HOST:PORT", "a broker; without one what it does isn't measured"),
    ]), environmentPrefix: "THAW_BENCH_")

do {
  let invocation = try program.parse(CommandLine.arguments.dropFirst())
  guard !invocation.wantsHelp else {
    print(program.help(invocation.path, width: 100) ?? "")
    exit(0)
  }
  let counts = (invocation.value("resources") ?? "").split(separator: ",").compactMap { Int($0) }
  let commands = Int(try invocation.int("commands", in: 1...1_000_000) ?? 10_000)
  let parts = (invocation.value("parts") ?? "").split(separator: ",")
  if parts.contains("fold") { try await FoldBenchmark.run(counts) }
  if parts.contains("decisions") { try await DecisionBenchmark.run(counts, commands: commands) }
  if parts.contains("broker"), let servers = invocation.value("bootstrap-servers") {
    try await BrokerBenchmark(servers: servers).run(counts, commands: commands)
  }
} catch {
  print("thaw-bench-control: \(error)")
  exit(1)
}
