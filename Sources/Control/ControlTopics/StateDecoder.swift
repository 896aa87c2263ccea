package import RestoreModel

/// Folds `specs` and `status` into the state, each topic in its own order and the two in any. A document is two records under one
/// key, and compaction may drop older ones of either, so a pair counts only once both are of the same uid.
///
/// What neither topic says (`commandsThrough`, `sequence`, `time`) comes from the committed position's metadata or from `events`: see `note`.
package struct StateDecoder: Sendable {
  package private(set) var state = ControlState()
  /// Of the service itself.
  package private(set) var serviceConditions: [ServiceCondition] = []

  /// Where the two records of a document stand, and what of them is not a document yet.
  private struct Slot: Sendable {
    var spec: Place?
    var status: Place?
    var unpaired: Unpaired?
  }

  private struct Place: Sendable {
    var sequence: Int64
    var offset: Int64
  }

  private struct Document: Sendable {
    var metadata: Metadata
    var spec: ResourceSpec
  }

  /// Few at any time: kept apart, so that those which are paired take no room here.
  private final class Unpaired: Sendable {
    let document: Document?
    let status: ResourceStatus?

    init(_ document: Document?, _ status: ResourceStatus?) {
      self.document = document
      self.status = status
    }
  }

  private var slots: PersistentMap<ResourceKey, Slot> = [:]
  /// What the next status record of the key is completed with.
  private var plans: [ResourceKey: PlanRecord] = [:]
  private var epochs: [ControlTopic: Int64] = [:]
  private var last: [ControlTopic: Int64] = [:]

  package init() {}

  /// The document's version: the offset of its latest status record, plus one, since 0 means "any" to Kubernetes.
  package func version(of key: ResourceKey) -> Int64? { slots[key]?.status.map { $0.offset + 1 } }

  /// The event that the latest status record follows, which is where `audit` compares.
  package func sequence(of key: ResourceKey) -> Int64? { slots[key]?.status?.sequence }

  /// What `specs` alone says.
  func document(of key: ResourceKey) -> (metadata: Metadata, spec: ResourceSpec)? {
    if let resource = state.resources[key] { return (resource.metadata, resource.spec) }
    return slots[key]?.unpaired?.document.map { ($0.metadata, $0.spec) }
  }

  /// What `status` alone says.
  func status(of key: ResourceKey) -> ResourceStatus? {
    state.resources[key]?.status ?? slots[key]?.unpaired?.status
  }

  /// The highest offset applied; nil when nothing was.
  package func lastOffset(of topic: ControlTopic) -> Int64? { last[topic] }

  /// Records of other topics are none of ours to fold and change nothing.
  package mutating func apply(_ record: ControlRecord) throws(CorruptLog) {
    if let read = try StateRecord(record) { try apply(read) }
  }

  package mutating func apply(_ record: StateRecord) throws(CorruptLog) {
    try checkOwner(record)
    switch record.content {
    case .spec(let key, let read):
      change(key) { slot, document, _ in
        slot.spec = read.map { _ in Place(sequence: record.sequence, offset: record.offset) }
        document = read.map { Document(metadata: $0.metadata, spec: $0.spec) }
      }
    case .status(let key, let read):
      let whole = read.map { completed($0, of: key) }
      change(key) { slot, _, status in
        slot.status = read.map { _ in Place(sequence: record.sequence, offset: record.offset) }
        status = whole
      }
    case .plan(let key, let read): plans[key] = read
    case .deleted(let key, let read): state.deleted[key] = read
    case .installation(let found): try apply(found, record)
    case .service(let conditions): serviceConditions = conditions
    }
    state.sequence = max(state.sequence, record.sequence)
    last[record.topic] = record.offset
  }

  /// What `status` says of how far the archives reached, where that is a record of its own.
  func plan(of key: ResourceKey) -> PlanRecord? { plans[key] }

  private func completed(_ status: ResourceStatus, of key: ResourceKey) -> ResourceStatus {
    guard let plan = plans[key], plan.uid == status.uid, plan.run == status.run else { return status }
    var status = status
    status.controller.sources = plan.sources
    return status
  }

  /// The end of a fold: every document must be whole.
  package func finish() throws(CorruptLog) {
    for (key, slot) in slots {
      switch (slot.spec, slot.status) {
      case (let spec?, nil):
        throw CorruptLog(.incomplete, topic: .specs, offset: spec.offset, "\(key) has no record in status")
      case (nil, let status?):
        throw CorruptLog(.incomplete, topic: .status, offset: status.offset, "\(key) has no record in specs")
      case (let spec?, let status?) where slot.unpaired != nil || status.sequence < spec.sequence:
        throw CorruptLog(
          .incomplete, topic: .status, offset: status.offset,
          "the status of \(key) is older than its spec, which stands at offset \(spec.offset)")
      default: continue
      }
    }
  }

  /// A deposed owner's record after its successor's means that the fence failed, or that somebody else writes here.
  private mutating func checkOwner(_ record: StateRecord) throws(CorruptLog) {
    if let newest = epochs[record.topic], record.epoch < newest {
      throw record.corrupt(
        "written by an owner of epoch \(record.epoch) after one of epoch \(newest)", .staleEpoch)
    }
    epochs[record.topic] = record.epoch
    state.epoch = max(state.epoch, record.epoch)
  }

  private mutating func apply(_ found: InstallationRecord, _ record: StateRecord) throws(CorruptLog) {
    if let known = state.installation, known != found.installation {
      throw record.corrupt("the topic now says that it belongs to another installation", .foreignInstallation)
    }
    state.installation = found.installation
    state.epoch = max(state.epoch, found.epoch)
  }

  /// Changes one half of a document: it is one while both are there and of the same uid.
  private mutating func change(
    _ key: ResourceKey, _ body: (inout Slot, inout Document?, inout ResourceStatus?) -> Void
  ) {
    var slot = slots[key] ?? Slot()
    let paired = slot.spec != nil && slot.status != nil && slot.unpaired == nil ? state.resources[key] : nil
    var document = paired.map { Document(metadata: $0.metadata, spec: $0.spec) } ?? slot.unpaired?.document
    var status = paired?.status ?? slot.unpaired?.status
    body(&slot, &document, &status)
    if let document, let status, document.metadata.uid == status.uid {
      state.resources[key] = Resource(metadata: document.metadata, spec: document.spec, status: status)
      slot.unpaired = nil
    } else {
      if paired != nil { state.resources[key] = nil }
      slot.unpaired = document == nil && status == nil ? nil : Unpaired(document, status)
    }
    slots[key] = slot.spec == nil && slot.status == nil ? nil : slot
  }
}

extension StateDecoder {
  /// What the committed position knows; checks that the fold holds all that was written before it.
  ///
  /// - Parameters:
  ///   - offset: the committed one, of `commands`.
  ///   - ends: the offset after the last one that the log handed over or passed. Compaction may have removed an expired tombstone
  ///     at the end, so the last record that was seen proves less; it counts where a topic has no entry.
  package mutating func note(
    _ committed: CommittedMetadata, offset: Int64, ends: [ControlTopic: Int64] = [:]
  ) throws(CorruptLog) {
    if let known = state.installation, known != committed.installation {
      throw CorruptLog(
        .foreignInstallation, topic: .specs, offset: nil,
        "the committed position belongs to another installation; the topic was created anew under the old group")
    }
    for (topic, written) in [(ControlTopic.specs, committed.specs), (.status, committed.status)] {
      if let written, max(ends[topic] ?? 0, (last[topic] ?? -1) + 1) <= written {
        throw CorruptLog(
          .incomplete, topic: topic, offset: last[topic],
          "the topic ends before offset \(written), which is known to have been written; it was truncated or created anew"
        )
      }
    }
    state.sequence = max(state.sequence, committed.sequence)
    state.epoch = max(state.epoch, committed.epoch)
    state.time = max(state.time, committed.time)
    state.commandsThrough = max(state.commandsThrough, offset - 1)
  }

  /// What an event knows of the log as a whole; the last one in `events` is enough.
  package mutating func note(_ record: EventRecord) {
    state.sequence = max(state.sequence, record.event.sequence)
    state.epoch = max(state.epoch, record.event.epoch)
    state.time = max(state.time, record.event.time)
    state.commandsThrough = max(state.commandsThrough, record.event.commandsThrough)
  }
}
