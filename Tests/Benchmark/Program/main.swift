import CommandLineParser
import Glibc
import Threads

/// Everything that is measured, as one command; `Tests/bench` builds and calls it.
let program = Program(
  Command(
    "thaw-bench", "Measure restores and the control plane, as ratios to what they are compared with",
    discussion: "Needs a broker: Apache Kafka in --kafka-home, started for it, or one that runs already.\n\nRows: "
      + Row.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: "; ") + ".",
    options: [
      .value("rows", "NAME,…", "what to measure", default: "all"),
      .value("rounds", "N", "rounds of a comparison, and one more before that isn't counted; 5, quick: 2"),
      .value("megabytes", "N", "size of an archive before compression; 400, quick: 16"),
      .flag("quick", "small archives and few rounds: to see that it works"),
      .flag("big", "memory: an archive of 10 GB too; it takes some minutes to make"),
      .value(
        "kafka-home", "FOLDER", "an Apache Kafka distribution, with libs/*.jar", environment: .named("KAFKA_HOME")),
      .value("bootstrap-servers", short: "b", "HOST:PORT", "a broker that runs already, in place of one of its own"),
      .value("broker-pid", "ID", "that broker's process, for its processor time"),
      .value("directory", "FOLDER", "an existing one for archives and for the broker's data; they stay there"),
      .value("resources", "N,…", "control: documents there are; 1000,10000,100000, quick: 1000"),
      .value("commands", "N", "control: commands of a burst; 10000, quick: 1000"),
      .value("restore-once", "ARCHIVE", "restore it to --target, print the peak of memory, and nothing else"),
      .value("target", "TOPIC", "for --restore-once"),
    ]), environmentPrefix: "THAW_BENCH_")

do {
  let home = getenv("KAFKA_HOME").map { ["KAFKA_HOME": String(cString: $0)] }
  let invocation = try program.parse(CommandLine.arguments.dropFirst(), environment: home ?? [:])
  guard !invocation.wantsHelp else {
    print(program.help(invocation.path, width: 100) ?? "")
    exit(0)
  }
  try await Benchmark(invocation).run()
} catch {
  print("thaw-bench: \(error)")
  exit(1)
}
