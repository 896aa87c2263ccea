import ColdStorage
import Measures
import RestoreEngine
import RestoreModel
import Threads

/// From the start of a Restore, its preflight included, to its first committed record, beside archives of more and more segments.
struct FirstRecord {
  let rig: Rig
  let archives: Archives
  let rounds: Int

  func run(segments counts: [Int]) throws -> String {
    let made = try counts.map { count in
      try archives.make(
        BenchArchive.Kind(
          shape: .event, codec: .zstd, megabytes: 10_000, batchBytes: 1, segmentBytes: 1,
          records: Int64(count)))
    }
    let laps = try Contest.run(rounds, made.map { archive in { try first(archive) } })
    var table = TextTable(
      "Time from the start of a Restore to its first committed record",
      ["segments", "ms", "min–max", "to the first row", "min–max", "CPU ms"], texts: 0)
    for (count, times) in zip(counts, laps) {
      let (wall, ratio) = (Series(times.map { $0.wall * 1000 }), times.wall.over(laps[0].wall))
      table.add([
        "\(count)", Spelled.number(wall.median), Spelled.range(wall.range), Spelled.number(ratio.median),
        Spelled.range(ratio.range), Spelled.number(times.own.median.map { $0 * 1000 }),
      ])
    }
    return table.text
  }

  private func first(_ archive: BenchArchive) throws -> Lap {
    let topics = try rig.makeTopics(1)
    let committed = Locked(ContinuousClock.Instant?.none)
    var run = EngineRun(archive: archive, servers: rig.servers, targets: topics)
    // A transaction ends with the record that takes it here.
    run.transactions = TransactionBounds(bytes: 1)
    run.steps = StepPoints { step in
      guard step == .committed else { return .goOn }
      committed.withLock { $0 = $0 ?? .now }
      return .abandon
    }
    let start = ContinuousClock.now
    let lap = try Lap.of(broker: rig.brokerID) { _ = try run.prepare().restore() }
    guard let end = committed.withLock({ $0 }) else { throw Wrong("nothing was committed") }
    return Lap(wall: Figures.seconds(end - start), own: lap.own, broker: lap.broker)
  }
}
