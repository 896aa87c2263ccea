extension ControlState {
  /// What should be running for a Restore: derived from the fold each time, never stored. Empty when nothing should, or when what the
  /// document names is missing.
  package func desiredWork(for key: ResourceKey) -> [WorkItem] {
    guard let restore = resources[key], let template = workItem(restore, .prepare) else { return [] }
    let controller = restore.status.controller
    func item(_ task: WorkItem.Task) -> WorkItem {
      var item = template
      item.id.task = task
      if let lane = task.lane {
        item.positioned = controller.positioned.contains(lane)
        item.positionedClaim = controller.positionedClaim(of: lane)
      }
      return item
    }
    /// Of lanes that have positions in the sink and that nothing else is done with.
    func keeping(except busy: [LaneID] = []) -> [WorkItem] {
      restore.lanes.map(\.id).filter { controller.positioned.contains($0) && !busy.contains($0) }
        .map { item(.keep($0)) }
    }
    if let stopping = restore.status.stopping {
      return restore.lanes.filter { !controller.sealed.contains($0.id) }.map { lane in
        var seal = item(.seal(lane.id))
        seal.forDeletion = stopping == .deleting
        return seal
      }
    }
    switch restore.status.phase {
    case .initializing: return [item(.prepare)]
    case .restoring:
      let lanes = restore.laneSlots
      return lanes.map { lane, slots in
        var work = item(.lane(lane.id))
        work.restoredTopics = lane.topics.filter(controller.restoredTopics.contains)
        work.slots = slots
        return work
      } + keeping(except: lanes.map(\.lane.id))
    case .done where restore.isVerificationPending:
      var work = item(.verify)
      work.restoredTopics = controller.restoredTopics
      return [work] + keeping()
    case .paused, .failed: return keeping()
    case .draft, .ready, .invalid, .done, nil: return []
    }
  }

  private func workItem(_ restore: Resource, _ task: WorkItem.Task) -> WorkItem? {
    let namespace = restore.metadata.namespace
    func find(_ kind: ResourceKind, _ name: String) -> ResourceSpec? {
      resources[ResourceKey(kind, namespace: namespace, name: name)]?.spec
    }
    func credentials(_ name: String?) -> CredentialsSpec? {
      guard let name, case .credentials(let spec)? = find(.credentials, name) else { return nil }
      return spec
    }
    guard let spec = restore.restoreSpec, case .storage(let source)? = find(.storage, spec.source),
      case .eventHub(let sink)? = find(.eventHub, spec.sink)
    else { return nil }
    let sourceCredentials = credentials(spec.sourceCredentials)
    let sinkCredentials = credentials(spec.sinkCredentials)
    // Without the credentials it names, work would go on as somebody else.
    guard (spec.sourceCredentials == nil) == (sourceCredentials == nil),
      (spec.sinkCredentials == nil) == (sinkCredentials == nil)
    else { return nil }
    let controller = restore.status.controller
    return WorkItem(
      id: WorkItem.ID(
        key: restore.key, uid: restore.metadata.uid, run: restore.status.run, claim: controller.claim, task: task),
      spec: spec, source: source, sink: sink, sourceCredentials: sourceCredentials, sinkCredentials: sinkCredentials,
      lanes: controller.lanes, archiveDigest: controller.archiveDigest, sources: controller.sources,
      clusterID: controller.clusterID)
  }
}

extension Resource {
  /// Lanes at work and the topics each may restore at the same time: at most `maxProducers` lanes, at most `parallelism` topics. A lane
  /// keeps a slot for every topic that it has begun, so that another lane's end never makes more topics run than allowed; what is left goes
  /// round, one slot each.
  var laneSlots: [(lane: PlannedLane, slots: Int)] {
    guard let config = restoreSpec?.config else { return [] }
    let controller = status.controller
    let restored = Set(controller.restoredTopics)
    let begun = Set(controller.startedTopics).subtracting(restored)
    var left = max(1, config.parallelism)
    let unfinished = lanes.filter { !restored.isSuperset(of: $0.topics) }
    var slots = unfinished.prefix(config.maxProducers > 0 ? config.maxProducers : unfinished.count).map { lane in
      (lane: lane, slots: 0, remaining: lane.topics.filter { !restored.contains($0) }.count)
    }
    func grant(_ index: Int, _ wanted: Int) {
      let granted = min(wanted, left, slots[index].remaining - slots[index].slots)
      slots[index].slots += granted
      left -= granted
    }
    for index in slots.indices { grant(index, slots[index].lane.topics.filter(begun.contains).count) }
    while left > 0 {
      let before = left
      let least = slots.filter { $0.slots < $0.remaining }.map(\.slots).min() ?? 0
      for index in slots.indices where slots[index].slots == least { grant(index, 1) }
      if left == before { break }
    }
    return slots.filter { $0.slots > 0 }.map { ($0.lane, $0.slots) }
  }
}
