/// What can be measured, in the order of the report.
enum Row: String, CaseIterable {
  case noise
  case zstd100 = "zstd-100"
  case zstd1k = "zstd-1k"
  case lz4100 = "lz4-100"
  case lz41k = "lz4-1k"
  case none100 = "none-100"
  case none1k = "none-1k"
  case lanesZstd = "lanes-zstd"
  case lanesNone = "lanes-none"
  case small
  case header
  case perRecord = "per-record"
  case copy
  case reading
  case transactions
  case batchSizes = "batch-sizes"
  case memory
  case first
  case control

  var summary: String {
    switch self {
    case .noise: "the C against itself: what of a ratio is the machine's"
    case .zstd100: "restore, zstd, records of 100 bytes"
    case .zstd1k: "restore, zstd, 1 KB"
    case .lz4100: "restore, lz4, 100 bytes"
    case .lz41k: "restore, lz4, 1 KB"
    case .none100: "restore, uncompressed, 100 bytes"
    case .none1k: "restore, uncompressed, 1 KB"
    case .lanesZstd: "four partitions in four lanes, zstd, 100 bytes"
    case .lanesNone: "four partitions in four lanes, uncompressed, 100 bytes"
    case .small: "restore of batches of 4 KB, zstd"
    case .header: "restore with an offset header, zstd, 100 bytes"
    case .perRecord: "restore with recordPath perRecord, zstd, 100 bytes"
    case .copy: "restores against their segment files copied over a loopback connection"
    case .reading: "reading an archive against zstd -d"
    case .transactions: "what commits cost, by their interval and size"
    case .batchSizes: "stored batches of different sizes, sent on as they are and put together"
    case .memory: "peak memory, by the archive's size"
    case .first: "time to the first record, by the number of segments"
    case .control: "the control plane: fold, decisions, answers to commands"
    }
  }

  /// Throws for a name that isn't one.
  static func parse(_ names: String) throws -> [Row] {
    let words = names.split(separator: ",").map(String.init)
    if words == ["all"] { return allCases }
    let rows = try words.map { word in
      guard let row = Row(rawValue: word) else {
        throw Wrong("there is no row '\(word)'; there are \(allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return row
    }
    return allCases.filter(rows.contains)
  }
}
