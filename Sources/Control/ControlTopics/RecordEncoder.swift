import JSON
package import RestoreModel

/// Writes what one owner, of one epoch, records. Headers let a reader see a deposed owner's record; events and status records are
/// CloudEvents 1.0 in Kafka's binary mode, where a null value stays a tombstone.
package struct RecordEncoder: Sendable {
  package let installation: String
  package let epoch: Int64
  /// Status records written by this owner, for their CloudEvents ids. Epochs are never used twice, so the ids aren't either.
  private var statusRecords: Int64 = 0

  package init(installation: String, epoch: Int64) {
    self.installation = installation
    self.epoch = epoch
  }

  // MARK: specs

  /// - Parameter sequence: of the event that the record follows, here and below.
  package func spec(_ resource: Resource, sequence: Int64) -> OutgoingControlRecord {
    spec(.resource(resource.key), resource.specJSON, sequence)
  }

  package func specTombstone(_ key: ResourceKey, sequence: Int64) -> OutgoingControlRecord {
    spec(.resource(key), nil, sequence)
  }

  /// Says whose topics these are, and, in an owner's first transaction, that its epoch has begun.
  package func installation(sequence: Int64) -> OutgoingControlRecord {
    let value = InstallationRecord(installation: installation, epoch: epoch)
    return spec(.installation, value.json, sequence)
  }

  private func spec(_ key: RecordKey, _ value: JSONValue?, _ sequence: Int64) -> OutgoingControlRecord {
    OutgoingControlRecord(
      topic: .specs, key: key.bytes, value: value?.serialized(), headers: ownerHeaders(sequence))
  }

  // MARK: status

  package mutating func status(_ resource: Resource, sequence: Int64, time: Instant) -> OutgoingControlRecord {
    status(.resource(resource.key), resource.status.json(name: resource.metadata.name), sequence, time)
  }

  package mutating func statusTombstone(_ key: ResourceKey, sequence: Int64, time: Instant) -> OutgoingControlRecord {
    status(.resource(key), nil, sequence, time)
  }

  /// Nil: they are forgotten.
  package mutating func deleted(
    _ key: ResourceKey, _ remembered: DeletedResource?, sequence: Int64, time: Instant
  ) -> OutgoingControlRecord {
    status(.deleted(key), remembered?.json, sequence, time)
  }

  /// Nil: the run is no more, or its status says it all.
  mutating func plan(
    _ key: ResourceKey, _ plan: PlanRecord?, sequence: Int64, time: Instant
  ) -> OutgoingControlRecord {
    status(.plan(key), plan?.json, sequence, time)
  }

  package mutating func service(
    _ conditions: [ServiceCondition], sequence: Int64, time: Instant
  ) -> OutgoingControlRecord {
    status(.installation, ServiceCondition.json(conditions), sequence, time)
  }

  private mutating func status(
    _ key: RecordKey, _ value: JSONValue?, _ sequence: Int64, _ time: Instant
  ) -> OutgoingControlRecord {
    statusRecords += 1
    let headers = cloudEvent(
      id: "\(installation)-\(epoch)-s\(statusRecords)", type: "Status", subject: key, time: time)
    return OutgoingControlRecord(
      topic: .status, key: key.bytes, value: value?.serialized(), headers: ownerHeaders(sequence) + headers)
  }

  // MARK: events

  /// - Parameter stateHash: of the resource after this very event; nil when there is none.
  package func event(_ event: Event, stateHash: String?) -> OutgoingControlRecord {
    OutgoingControlRecord(
      topic: .events, key: event.recordKey.bytes, value: event.json(stateHash: stateHash).serialized(),
      headers: cloudEvent(
        id: "\(installation)-\(event.sequence)", type: event.content.type, subject: event.recordKey, time: event.time))
  }

  // MARK: headers

  private func ownerHeaders(_ sequence: Int64) -> [ControlRecord.Header] {
    [.init(OwnerHeader.epoch, String(epoch)), .init(OwnerHeader.sequence, String(sequence))]
  }

  private func cloudEvent(id: String, type: String, subject: RecordKey, time: Instant) -> [ControlRecord.Header] {
    [
      .init("ce_specversion", "1.0"), .init("ce_id", id), .init("ce_source", "urn:uuid:\(installation)"),
      .init("ce_type", "thaw.\(type)"), .init("ce_subject", subject.description),
      .init("ce_time", time.description), .init("content-type", "application/json"),
    ]
  }
}

/// Headers of every record of `specs` and `status`, tombstones too.
package enum OwnerHeader {
  package static let epoch = "epoch"
  package static let sequence = "sequence"
}
