import ControlPlane
import ControlTopics
import Logging
import RestoreModel

/// Commands through the owner's loop, on a log that costs nothing, beside more and more documents: a command must not cost more where there
/// are more.
enum DecisionBenchmark {
  static func run(_ counts: [Int], commands: Int) async throws {
    var rows: [[String]] = []
    for count in counts {
      let log = MemoryLog(count)
      let controller = Controller(
        log: log, work: NoWork(), clock: SystemClock(), naming: TopicNaming(), instance: "bench",
        logger: Logger("bench", to: DescriptorLogSink(level: .warning)))
      let task = Task { try await controller.run() }
      let clock = ContinuousClock()
      // The first one also waits for the fold.
      let started = await clock.measure { await log.decide(Self.records(0..<1, of: count)) }
      var lone: [Duration] = []
      for number in 1...50 {
        lone.append(await clock.measure { await log.decide(Self.records(number..<number + 1, of: count)) })
      }
      let (before, cpu) = (log.transactions, Figures.processorTime())
      let burst = await clock.measure { await log.decide(Self.records(51..<51 + commands, of: count)) }
      let processor = Figures.processorTime() - cpu
      rows.append([
        "\(count)", Figures.milliseconds(started), Figures.microseconds(Figures.percentile(lone, 50), per: 1),
        Figures.microseconds(burst, per: commands), Figures.microseconds(processor, per: commands),
        "\(log.transactions - before)",
      ])
      task.cancel()
      try await task.value
    }
    Figures.print(
      "Decisions of the owner's loop, no broker (\(commands) commands in a burst)",
      ["documents", "ms to the first", "µs alone", "µs each in a burst", "CPU µs each", "transactions"], rows)
  }

  private static func records(_ numbers: Range<Int>, of count: Int) -> [ControlRecord] {
    numbers.map { number in
      let (key, value) = Sample.command(number, of: count)
      return ControlRecord(
        topic: .commands, offset: Int64(number), timestamp: Sample.time.milliseconds + Int64(number), key: key,
        value: value)
    }
  }
}
