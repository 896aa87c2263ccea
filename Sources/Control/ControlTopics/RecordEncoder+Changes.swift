package import RestoreModel

extension RecordEncoder {
  /// What `specs` and `status` must say after a decision, for the keys that it may have changed: they belong into the decision's own
  /// transaction, after its events. Nothing for a key under which nothing changed.
  ///
  /// Every visible change writes the status record, a change of the spec included: the record's offset is the document's version.
  package mutating func changes(
    from before: ControlState, to after: ControlState, keys: some Sequence<ResourceKey>
  ) -> [OutgoingControlRecord] {
    var records: [OutgoingControlRecord] = []
    if before.epoch != after.epoch || before.installation != after.installation {
      records.append(installation(sequence: after.sequence))
    }
    for key in Set(keys).sorted() {
      records += changes(of: key, from: before.resources[key], to: after.resources[key], in: after)
      if before.deleted[key] != after.deleted[key] {
        records.append(deleted(key, after.deleted[key], sequence: after.sequence, time: after.time))
      }
    }
    return records
  }

  private mutating func changes(
    of key: ResourceKey, from before: Resource?, to after: Resource?, in state: ControlState
  ) -> [OutgoingControlRecord] {
    guard before != after else { return [] }
    var records: [OutgoingControlRecord] = []
    let (known, planned) = (PlanRecord(before), PlanRecord(after))
    if known != planned { records.append(plan(key, planned, sequence: state.sequence, time: state.time)) }
    guard let after else {
      records.append(specTombstone(key, sequence: state.sequence))
      records.append(statusTombstone(key, sequence: state.sequence, time: state.time))
      return records
    }
    if before?.spec != after.spec || before?.metadata != after.metadata {
      records.append(spec(after, sequence: state.sequence))
    }
    records.append(status(after, sequence: state.sequence, time: state.time))
    return records
  }
}
