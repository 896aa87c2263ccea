import CommandLineParser
import ControlPlane
import ControlTopics
import Kafka
import KafkaLog
import Logging
import RestoreEngine

import Glibc

/// `thaw serve` out of the same parts, for the tests of what a kill -9 leaves behind, and of what wakes up late: it kills or stops itself at one named
/// place of a run. The service itself has no such places.
let program = Program(
  Command(
    "thaw-mortal", "Serve until a named place of a run, and die there",
    options: [
      .value("bootstrap-servers", short: "b", "HOST:PORT", "control topics and sink"),
      .value("topic-prefix", "PREFIX", "of the control topics"),
      .value("volume-root", "DIRECTORY", "where archives may lie"),
      .value("die-at", "PLACE", "step:NAME:N, work:LABEL or fact:NAME"),
      .value("stop-at", "PLACE", "instead of dying there: SIGSTOP"),
      .value("hold-at", "step:NAME:N", "a worker waits there until the process has been stopped and woken"),
    ]), environmentPrefix: "THAW_")

do {
  let variables = ["THAW_BOOTSTRAP_SERVERS", "THAW_TOPIC_PREFIX"].compactMap { (name: String) in
    getenv(name).map { (name, String(cString: $0)) }
  }
  let invocation = try program.parse(
    CommandLine.arguments.dropFirst(), environment: Dictionary(variables) { first, _ in first })
  let stop = invocation.value("stop-at")
  guard let place = DeathPlace(stop ?? invocation.value("die-at") ?? "") else {
    print("thaw-mortal: neither --die-at nor --stop-at names a place")
    exit(2)
  }
  let kafka = KafkaConfiguration(bootstrapServers: invocation.value("bootstrap-servers") ?? "")
  let prefix = invocation.value("topic-prefix") ?? ""
  let logger = Logger("mortal", to: DescriptorLogSink())
  let settings = KafkaLogSettings(kafka: kafka, naming: TopicNaming(prefix: prefix), instance: "mortal")
  let log = try await KafkaLog.open(settings, logger: logger)
  // Several transactions of few records.
  let policy = EnginePolicy(
    volumeRoots: invocation.values("volume-root"), prefix: prefix, transactions: TransactionBounds(bytes: 20_000))
  let work = MortalQueue(
    policy, logger, place, stop == nil ? SIGKILL : SIGSTOP, hold: invocation.value("hold-at").flatMap(DeathPlace.init))
  try await Controller(
    log: log, work: work, clock: SystemClock(), naming: settings.naming,
    instance: log.instance, logger: logger
  ).run()
} catch {
  print("thaw-mortal: \(error)")
  exit(1)
}
