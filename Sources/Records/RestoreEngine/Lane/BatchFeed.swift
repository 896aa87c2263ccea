import ColdStorage

/// Fills slots with what a partition's archive holds of the selection, in order. It lives on the reader's thread.
protocol BatchFeed: AnyObject {
  /// False at the selection's end, with nothing put in.
  func next(into slot: LoadedBatch) throws -> Bool
}

/// What a sink wants to be given.
enum BatchForm: Sendable {
  /// Batches inflated, for a sink that sends record by record.
  case records
  /// Batches as they go over the wire, stored ones unopened wherever that can be.
  case wire(WireRules)
}

/// What the feeds of one reader's thread share: only one of them is at work at a time.
struct FeedTools {
  private let form: BatchForm
  private let inflater: BatchInflater
  private let encoder: WireEncoder?

  /// - Parameter pool: compresses large batches.
  init(_ form: BatchForm, _ pool: PackingPool) throws {
    self.form = form
    inflater = try BatchInflater()
    switch form {
    case .records: encoder = nil
    case .wire(let rules): encoder = try WireEncoder(rules.changes, pool)
    }
  }

  func feed(_ source: ReadAhead.Source, window: Int) throws -> any BatchFeed {
    let reader = try source.archive.reader(source.number, source.selection, window: window)
    guard case .wire(let rules) = form, let encoder else { return RecordFeed(source, reader, inflater) }
    return try WireFeed(source, reader, rules, inflater, encoder)
  }
}

/// Stored batches, inflated, one a slot.
final class RecordFeed: BatchFeed {
  private let source: ReadAhead.Source
  private let reader: PartitionReader
  private let inflater: BatchInflater

  init(_ source: ReadAhead.Source, _ reader: PartitionReader, _ inflater: BatchInflater) {
    self.source = source
    self.reader = reader
    self.inflater = inflater
  }

  func next(into slot: LoadedBatch) throws -> Bool {
    guard let batch = try reader.next() else { return false }
    try slot.load(batch, of: source.partition, source.selection, inflater)
    return true
  }
}
