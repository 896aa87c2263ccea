import ColdStorage
import RestoreModel

/// What a Restore does to records on their way: nothing, as a rule.
struct RecordChanges: Sendable {
  /// Name of the header that carries the original offset.
  let offsetHeader: [UInt8]?
  let onZeroTimestamp: OnZeroTimestamp
  let schemas: [Int32: Int32]
  let onUnmappedSchema: OnUnmappedSchema
  /// Whether digests of what is sent are wanted at all.
  let digests: Bool

  init(_ config: RestoreConfig, schemas: [Int32: Int32]? = nil) {
    offsetHeader = config.legacyOffsetHeader.map { Array($0.utf8) }
    onZeroTimestamp = config.onZeroTimestamp
    self.schemas = schemas ?? config.schemaMapping
    onUnmappedSchema = config.onUnmappedSchema
    digests = config.verify == .digest
  }

  /// Every record may be sent otherwise than it is stored, or not at all, so that no batch's own digest says what is sent.
  var mayTouchEveryRecord: Bool { offsetHeader != nil || readsSchemaIDs }

  /// An empty mapping maps nothing: every id is unmapped, which matters only where that is not to pass.
  var readsSchemaIDs: Bool { !schemas.isEmpty || onUnmappedSchema != .pass }

  /// librdkafka takes 0 for "now": 1 ms is the nearest it can send.
  static let nearestToZero: Int64 = 1

  /// The time that is sent.
  func timestamp(of record: RecordView) throws(RunFault) -> Int64 {
    guard record.timestamp == 0 else { return record.timestamp }
    guard onZeroTimestamp == .nearest else {
      throw RunFault(
        reason: "ZeroTimestamp",
        message: "the record at source offset \(record.offset) has timestamp 0, which can't be sent, and "
          + "onZeroTimestamp is fail")
    }
    return Self.nearestToZero
  }
}
