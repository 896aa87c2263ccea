import ColdStorage
import Measures
import RestoreEngine
import RestoreModel

extension Restores {
  /// Archives of the same records in batches of different sizes, each sent on as it is and put together: below what size the latter is sooner done.
  ///
  /// - Parameter isQuick: only the smallest and the largest, of one kind of records.
  func batchSizes(megabytes: Int, isQuick: Bool) throws -> [String] {
    let codecs: [BatchCodec] = [.zstd, .lz4, .none]
    let sizes = (isQuick ? [4, 512] : [4, 16, 32, 64, 128, 256, 512]).map { $0 << 10 }
    let shapes: [RecordMaker.Shape] = isQuick ? [.event] : [.event, .document]
    return try shapes.flatMap { shape in
      try codecs.map { codec in
        try batchSizes(BenchArchive.Kind(shape: shape, codec: codec, megabytes: megabytes), sizes)
      }
    }
  }

  /// Those above have too few neighbours in a batch of 1,000,000 bytes.
  private static let largestMerged = 256 << 10

  private func batchSizes(_ kind: BenchArchive.Kind, _ sizes: [Int]) throws -> String {
    var contenders: [(size: Int, merges: Bool)] = []
    for size in sizes {
      contenders.append((size, false))
      if size <= Self.largestMerged { contenders.append((size, true)) }
    }
    let whole = { [self] in try engine(try archives.make(kind), Case(row: .batchSizes, kind: kind, mergesBelow: 0)) }
    let laps = try Contest.run(
      rounds,
      [whole]
        + contenders.map { size, merges in
          { [self] in
            var kind = kind
            kind.batchBytes = size
            let mergesBelow: Int64 = merges ? .max : 0
            return try engine(
              try archives.make(kind), Case(row: .batchSizes, kind: kind, mergesBelow: mergesBelow))
          }
        })
    var table = TextTable(
      "Sizes of stored batches, before compression (\(kind.name), \(kind.megabytes) MB): the time of those of 1 MB over theirs",
      ["size", "as they are", "min–max", "broker's cores", "put together", "min–max", "as they are / put together"])
    for size in sizes {
      func found(merges: Bool) -> [Lap]? {
        contenders.firstIndex { $0 == (size, merges) }.map { laps[$0 + 1] }
      }
      guard let stored = found(merges: false) else { continue }
      let ratio = laps[0].wall.over(stored.wall)
      var row = [
        "\(size >> 10) KiB", Spelled.number(ratio.median), Spelled.range(ratio.range),
        Spelled.number(stored.brokerLoad.median),
      ]
      if let merged = found(merges: true) {
        let ratio = laps[0].wall.over(merged.wall)
        row += [
          Spelled.number(ratio.median), Spelled.range(ratio.range),
          Spelled.number(merged.wall.over(stored.wall).median),
        ]
      }
      table.add(row)
    }
    return table.text
  }
}
