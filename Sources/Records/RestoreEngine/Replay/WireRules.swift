import ColdStorage
import KafkaProtocol
import RestoreModel

/// When a stored batch may go on as it is, and what becomes of it else.
struct WireRules: Sendable {
  enum Treatment: Hashable {
    case asStored
    /// It could go as it is, but costs the broker more than it is worth: it is put together with its neighbours, if they are small too.
    case small
    case opened(OpenedReason)
  }

  let changes: RecordChanges
  /// The targets' `max.message.bytes`: of a whole batch, compressed.
  let maxMessageBytes: Int
  /// Bytes of key, value and headers that one transaction may have: no batch is larger, so that none is much longer.
  var transactionBytes = Int.max
  var throttle: Throttle?
  /// In place of the break-even.
  var mergesBelow: Int64?
  /// Codecs that the sink takes.
  var codecs = Set(BatchCodec.allCases)

  /// A batch of our own making is at most so large before compression, unless a single record is larger.
  var batchLimit: Int { min(max(1024, min(BatchBuilder.defaultLimit, maxMessageBytes)), contentLimit) }

  /// Of a batch's records, whoever made it. A throttle is kept by the batch, so there are at least ten of them a second.
  private var contentLimit: Int {
    let rate = throttle?.bytesPerSecond.map { Int(clamping: $0) } ?? .max
    return min(max(1024, rate / 10), max(1, transactionBytes))
  }

  /// What is encoded again keeps its codec, where that can be written and the sink takes it; else it gets the next best of these.
  func encoding(of codec: BatchCodec?) -> BatchCodec { Self.encoding(of: codec, among: codecs) }

  static func encoding(of codec: BatchCodec?, among codecs: Set<BatchCodec>) -> BatchCodec {
    let wanted: BatchCodec =
      switch codec {
      case .zstd: .zstd
      case BatchCodec.none?, nil: .none
      case .lz4, .gzip, .snappy: .lz4
      }
    return [wanted, .lz4, .none, .zstd].first(where: codecs.contains) ?? BatchCodec.none
  }

  func treatment(of batch: StoredBatch) -> Treatment {
    if changes.mayTouchEveryRecord { return .opened(.changes) }
    guard batch.verdict == .whole else { return .opened(.bounds) }
    switch BatchSigner.obstacle(header: batch.bytes, payloadSize: batch.bytes.count - BatchSigner.headerSize) {
    case nil: break
    case .logAppendTime: return .opened(.timestamps)
    case .gaps, .empty, .control, .damaged, .notABatch: return .opened(.gaps)
    }
    guard let codec = batch.header.attributes.codec, codecs.contains(codec) else { return .opened(.codec) }
    if batch.bytes.count > maxMessageBytes, batch.header.recordCount > 1 { return .opened(.size) }
    let content = batch.estimatedContentBytes
    if content > contentLimit, batch.header.recordCount > 1 {
      return .opened(content > transactionBytes ? .size : .throttle)
    }
    return content < mergesBelow ?? Self.breakEven(codec) ? .small : .asStored
  }

  /// Bytes of records from which on a stored batch goes as it is. A broker's work is by the request, which holds one batch of a partition: below, several
  /// put together, and encoded again by us, are there sooner. Measured, with Kafka 4.2 and records of 100 bytes and 1 KB: the benchmark's row `batch-sizes`.
  static func breakEven(_ codec: BatchCodec) -> Int64 {
    switch codec {
    case .zstd: 24 << 10
    case .lz4, .snappy, .gzip: 56 << 10
    case .none: 96 << 10
    }
  }
}
