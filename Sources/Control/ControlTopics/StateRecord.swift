import JSON
import RestoreModel

/// A record of `specs` or `status`, read: what costs time of a fold, and needs nothing of what was folded before. Several threads may
/// read records at the same time, each topic's are then applied in its order.
package struct StateRecord: Sendable {
  let topic: ControlTopic
  let offset: Int64
  let epoch: Int64
  let sequence: Int64
  let content: Content

  enum Content: Sendable {
    case spec(ResourceKey, (metadata: Metadata, spec: ResourceSpec)?)
    case status(ResourceKey, ResourceStatus?)
    case deleted(ResourceKey, DeletedResource?)
    case plan(ResourceKey, PlanRecord?)
    case installation(InstallationRecord)
    case service([ServiceCondition])
  }

  /// Nil for a record of another topic.
  package init?(_ record: ControlRecord) throws(CorruptLog) {
    guard record.topic == .specs || record.topic == .status else { return nil }
    guard let key = RecordKey(bytes: record.key), key != .invalid else {
      throw record.corrupt("the key names no resource; only the service may write here")
    }
    topic = record.topic
    offset = record.offset
    epoch = try record.ownerHeader(OwnerHeader.epoch)
    sequence = try record.ownerHeader(OwnerHeader.sequence)
    content =
      switch (record.topic, key) {
      case (.specs, .resource(let key)): .spec(key, try Self.spec(record, key))
      case (.specs, .installation): .installation(try Self.installation(record))
      case (.status, .resource(let key)):
        .status(key, record.value == nil ? nil : try record.decodeOwn { ResourceStatus(reading: &$0) })
      case (.status, .installation):
        .service(record.value == nil ? [] : try record.decodeOwn { ServiceCondition.list(reading: &$0) })
      case (.status, .deleted(let key)):
        .deleted(key, record.value == nil ? nil : try record.decodeOwn { DeletedResource(reading: &$0) })
      case (.status, .plan(let key)):
        .plan(key, record.value == nil ? nil : try record.decodeOwn { PlanRecord(reading: &$0) })
      default: throw record.corrupt("the key \(key) does not belong here")
      }
  }

  private static func spec(
    _ record: ControlRecord, _ key: ResourceKey
  ) throws(CorruptLog) -> (metadata: Metadata, spec: ResourceSpec)? {
    guard record.value != nil else { return nil }
    let (metadata, spec) = try record.decodeOwn { (fields) -> (Metadata, ResourceSpec)? in
      Resource.readSpecRecord(&fields)
    }
    guard ResourceKey(spec.kind, namespace: metadata.namespace, name: metadata.name) == key else {
      throw record.corrupt("the document is not the one that its key names")
    }
    return (metadata, spec)
  }

  private static func installation(_ record: ControlRecord) throws(CorruptLog) -> InstallationRecord {
    guard record.value != nil else { throw record.corrupt("the installation's own record was deleted") }
    return try record.decodeOwn { InstallationRecord(reading: &$0) }
  }

  func corrupt(_ reason: String, _ problem: CorruptLog.Problem) -> CorruptLog {
    CorruptLog(problem, topic: topic, offset: offset, reason)
  }
}

extension Resource {
  static func readSpecRecord(_ fields: inout ObjectReader) -> (Metadata, ResourceSpec)? {
    fields.ignore("apiVersion")
    let kind = fields.choice("kind", of: ResourceKind.self)
    let metadata = fields.object("metadata") { Metadata(reading: &$0) }
    var warnings: [String] = []
    let spec = fields.view("spec").flatMap { value in
      kind.flatMap { ResourceSpec.read($0, value, at: fields.path["spec"], into: fields.errors, &warnings) }
    }
    fields.finish()
    guard let metadata, let spec else { return nil }
    return (metadata, spec)
  }
}
