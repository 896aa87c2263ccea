import ColdStorage
import Measures
import RestoreModel
import RestoreEngine

extension Restores {
  /// What commits cost: the same Restore with transactions of more and more time, and of more and more bytes.
  func transactions(_ kind: BenchArchive.Kind) throws -> String {
    let archive = try archives.make(kind)
    let intervals: [Int64] = [200, 500, 1000, 2000, 5000]
    let sizes = [1, 4, 16, 64, 256]
    let bounds =
      intervals.map { ("\(Double($0) / 1000) s", TransactionBounds(interval: .milliseconds($0))) }
      + sizes.map { ("\($0) MB", TransactionBounds(interval: .seconds(5), bytes: $0 << 20)) }
    let laps = try Contest.run(
      rounds,
      bounds.map { _, bounds in
        { [self] in try engine(archive, Case(row: .transactions, kind: kind, transactions: bounds)) }
      })
    var table = TextTable(
      "What a transaction costs: the time of the default, 1 s, over that of others (\(kind.name), \(kind.megabytes) MB)",
      ["ends after", "ratio", "min–max", "CPU ratio", "M records/s"])
    let usual = laps[intervals.firstIndex(of: 1000) ?? 0]
    for ((name, _), laps) in zip(bounds, laps) {
      let ratio = usual.wall.over(laps.wall)
      table.add([
        name, Spelled.number(ratio.median), Spelled.range(ratio.range),
        Spelled.number(usual.own.over(laps.own).median),
        Spelled.number(laps.wall.median.map { Double(archive.records) / 1e6 / $0 }),
      ])
    }
    return table.text
  }
}
