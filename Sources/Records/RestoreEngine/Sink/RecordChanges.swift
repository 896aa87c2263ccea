import RestoreModel

/// What a Restore changes in the records it sends.
struct RecordChanges {
  /// Name of the header that carries the original offset.
  let offsetHeader: [UInt8]?
  let onZeroTimestamp: OnZeroTimestamp
  /// Whether digests of what is sent are wanted at all.
  let digests: Bool

  init(_ config: RestoreConfig) {
    offsetHeader = config.legacyOffsetHeader.map { Array($0.utf8) }
    onZeroTimestamp = config.onZeroTimestamp
    digests = config.verify == .digest
  }

  /// librdkafka takes 0 for "now": 1 ms is the nearest it can send.
  static let nearestToZero: Int64 = 1
}
