import ColdStorage
import Measures
import RestoreEngine
import RestoreModel

/// Restores against the C that sends the same records, both exactly once, each run to new topics.
final class Restores {
  struct Case {
    var row: Row
    var kind: BenchArchive.Kind
    var topics = 1
    var offsetHeader: String?
    var recordPath = RecordPath.auto
    var transactions = TransactionBounds()
    var mergesBelow: Int64?
    /// Ratios of time and of this process's processor time.
    var reach: Double?
    var ownReach: Double?

    /// Nothing inside a batch has to change, and nothing else was asked for.
    var isAsStored: Bool { offsetHeader == nil && recordPath == .auto }
  }

  let rig: Rig
  let archives: Archives
  let rounds: Int
  private var table = TextTable(
    "Restores, exactly once, against C over librdkafka that commits each second: how many times as fast",
    [
      "row", "sends", "ratio", "min–max", "reach", "CPU ratio", "reach", "broker's cores", "broker's CPU ratio",
      "M records/s", "C's",
      "C by itself", "batches whole, merged, opened",
    ], texts: 2)
  /// What the last Restore did with them, of all topics.
  private var lastCounts = BatchCounts()
  private var loaded: (kind: BenchArchive.Kind, records: LoadedRecords)?

  init(_ rig: Rig, _ archives: Archives, rounds: Int) {
    (self.rig, self.archives, self.rounds) = (rig, archives, rounds)
  }

  /// Nil when nothing was measured.
  var report: String? { table.rows.isEmpty ? nil : table.text }

  func run(_ test: Case) throws {
    let archive = try archives.make(test.kind)
    let records = try records(archive)
    let batches = test.isAsStored ? try LoadedBatches(archive) : nil
    var contenders: [(name: String, run: () throws -> Lap)] = [
      ("C", { [self] in try baseline(archive, records, test.topics) }),
      ("engine", { [self] in try engine(archive, test) }),
    ]
    if let batches {
      contenders.append(("batches alone", { [self] in try alone(archive, batches, test.topics) }))
    }
    if test.topics > 1 {
      contenders.append(
        ("C, a producer each", { [self] in try baseline(archive, records, test.topics, producers: test.topics) }))
    }
    lastCounts = BatchCounts()
    let laps = try Contest.run(rounds, contenders.map(\.run))
    let counts = lastCounts
    let total = Double(archive.records) * Double(test.topics) / 1e6
    let base = laps[0]
    for (contender, laps) in zip(contenders, laps).dropFirst() {
      let (ratio, own) = (base.wall.over(laps.wall), base.own.over(laps.own))
      let isEngine = contender.name == "engine"
      table.add([
        isEngine ? test.row.rawValue : "", contender.name, Spelled.number(ratio.median), Spelled.range(ratio.range),
        isEngine ? Spelled.reach(test.reach) : "", Spelled.number(own.median),
        isEngine ? Spelled.reach(test.ownReach) : "", Spelled.number(laps.brokerLoad.median),
        Spelled.number(base.broker.over(laps.broker).median), Spelled.number(laps.wall.median.map { total / $0 }),
        isEngine ? Spelled.number(base.wall.median.map { total / $0 }) : "",
        isEngine ? Spelled.range(base.wall.neighbours.range) : "", isEngine ? Self.text(counts) : "",
      ])
    }
  }

  /// The C against itself, round by round, as the others are compared with it.
  func noise(_ kind: BenchArchive.Kind) throws {
    let archive = try archives.make(kind)
    let records = try records(archive)
    let once = { [self] in try baseline(archive, records, 1) }
    let laps = try Contest.run(rounds, [once, once])
    let (ratio, own) = (laps[0].wall.over(laps[1].wall), laps[0].own.over(laps[1].own))
    let rate = Spelled.number(laps[1].wall.median.map { Double(archive.records) / 1e6 / $0 })
    table.add([
      Row.noise.rawValue, "C", Spelled.number(ratio.median), Spelled.range(ratio.range), "",
      Spelled.number(own.median), "", Spelled.number(laps[1].brokerLoad.median),
      Spelled.number(laps[0].broker.over(laps[1].broker).median), rate, rate,
    ])
  }

  private static func text(_ batches: BatchCounts) -> String {
    guard !batches.isEmpty else { return "–" }
    return "\(batches.unopened), \(batches.merged), \(batches.opened.values.reduce(0, +))"
  }

  /// Of one archive at a time: they fill the memory.
  private func records(_ archive: BenchArchive) throws -> LoadedRecords {
    if let loaded, loaded.kind == archive.kind { return loaded.records }
    loaded = nil
    let records = try LoadedRecords(archive)
    loaded = (archive.kind, records)
    return records
  }

  private func baseline(_ archive: BenchArchive, _ records: LoadedRecords, _ count: Int, producers: Int = 1) throws
    -> Lap
  {
    let topics = try rig.makeTopics(count)
    let (codec, servers) = (archive.kind.codec, rig.servers)
    let lap = try Lap.of(broker: rig.brokerID) {
      guard producers > 1 else { return try records.send(to: topics, codec: codec, servers) }
      let sent = try Together.run(count, "c") { try records.send(to: [topics[$0]], codec: codec, servers) }
      for result in sent { try result.get() }
    }
    try rig.check(topics, hold: archive.records)
    return lap
  }

  func engine(_ archive: BenchArchive, _ test: Case) throws -> Lap {
    let topics = try rig.makeTopics(test.topics)
    let run = EngineRun(
      archive: archive, servers: rig.servers, targets: topics, offsetHeader: test.offsetHeader,
      recordPath: test.recordPath, transactions: test.transactions, mergesBelow: test.mergesBelow)
    let prepared = try run.prepare()
    var restored = RestoreModel.Figures()
    let lap = try Lap.of(broker: rig.brokerID) { restored = try prepared.restore() }
    guard restored.recordsRestored == archive.records * Int64(test.topics) else {
      throw Wrong("\(restored.recordsRestored) records were restored")
    }
    lastCounts = restored.batches
    try rig.check(topics, hold: archive.records)
    return lap
  }

  func alone(_ archive: BenchArchive, _ batches: LoadedBatches, _ count: Int) throws -> Lap {
    let topics = try rig.makeTopics(count)
    let lap = try Lap.of(broker: rig.brokerID) { try batches.send(to: topics, rig.configuration) }
    try rig.check(topics, hold: archive.records)
    return lap
  }
}

extension Restores {
  /// Runs what there is of a row here; false when it is none of these.
  func run(_ row: Row, megabytes: Int) throws -> Bool {
    func kind(_ shape: RecordMaker.Shape, _ codec: BatchCodec) -> BenchArchive.Kind {
      BenchArchive.Kind(shape: shape, codec: codec, megabytes: megabytes)
    }
    let zstd = kind(.event, .zstd)
    // Four times the archive is what one partition has elsewhere.
    func quarter(_ codec: BatchCodec) -> BenchArchive.Kind {
      BenchArchive.Kind(shape: .event, codec: codec, megabytes: max(1, megabytes / 4))
    }
    switch row {
    case .noise: try noise(zstd)
    case .zstd100: try run(Case(row: row, kind: zstd, reach: 4, ownReach: 25))
    case .zstd1k: try run(Case(row: row, kind: kind(.document, .zstd), reach: 4, ownReach: 25))
    case .lz4100: try run(Case(row: row, kind: kind(.event, .lz4), reach: 3, ownReach: 15))
    case .lz41k: try run(Case(row: row, kind: kind(.document, .lz4), reach: 3, ownReach: 15))
    case .none100: try run(Case(row: row, kind: kind(.event, .none), reach: 1.5, ownReach: 5))
    case .none1k: try run(Case(row: row, kind: kind(.document, .none), reach: 1.2, ownReach: 5))
    case .lanesZstd: try run(Case(row: row, kind: quarter(.zstd), topics: 4, reach: 5))
    case .lanesNone: try run(Case(row: row, kind: quarter(.none), topics: 4, reach: 1.3))
    case .small:
      var small = zstd
      small.batchBytes = 4096
      try run(Case(row: row, kind: small, reach: 1))
    case .header: try run(Case(row: row, kind: zstd, offsetHeader: "offset", reach: 1.2))
    case .perRecord: try run(Case(row: row, kind: zstd, recordPath: .perRecord, reach: 0.9))
    default: return false
    }
    return true
  }
}
