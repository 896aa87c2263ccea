/// The records written last that follow one another without a gap in their offsets, in however many batches, and whether a gap behind them ends the
/// batch that they lie in.
///
/// Transaction markers, aborted and compacted records leave gaps. A batch with one inside never goes on to a broker as it is stored: what is produced
/// has as many records as offsets (the broker's `LogValidator` checks it). A restore opens and encodes all of it, which takes longer than sending it as
/// two. On the other hand small batches compress worse, and are opened to be merged whatever their offsets.
struct GaplessRun {
  /// Bytes of keys, values and headers from which on a run is worth a batch that ends with it. Measured (the benchmark's row `batch-sizes`): batches of
  /// 128 KiB sent as they are reach 0.65 to 0.75 of the speed of 1 MB, opened ones 0.45; below 64 KiB nothing is won.
  static let worthABatch = 128 << 10

  private var bytes = 0

  /// To be called at a gap, before the record behind it is added.
  ///
  /// Of a run over several batches the rest is worth a batch however small it is: a small batch costs a restore less than a large one with a gap. The
  /// same holds where the batch has a gap already: the next run, which is likely as long as this one, then begins with a batch.
  var endsBatch: Bool { bytes >= Self.worthABatch }

  mutating func add(contentSize: Int) { bytes += contentSize }
}
