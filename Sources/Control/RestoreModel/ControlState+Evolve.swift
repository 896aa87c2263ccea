extension ControlState {
  /// Moves the state by one event. Total and pure: no clock, no other input, and a resource changes by its own events alone, so
  /// that a fold over one key's events needs no other key.
  package mutating func evolve(_ event: Event) {
    sequence = event.sequence
    epoch = event.epoch
    time = max(time, event.time)
    commandsThrough = max(commandsThrough, event.commandsThrough)
    guard let key = event.key else { return }
    switch event.content {
    case .restoreCreated(let document, let uid): create(key, document, uid: uid, at: event.time)
    case .resourceApplied(let document, let uid):
      if resources[key] == nil {
        create(key, document, uid: uid, at: event.time)
      } else {
        resources[key]?.apply(document, at: event.time)
      }
    case .restoreDeleted, .resourceDeleted: remove(key, at: event.time)
    default: resources[key]?.evolve(event.content, at: event.time)
    }
    if event.outcome, case .command(_, let id?) = event.cause { remember(id, for: key, at: event.time) }
  }

  private mutating func create(_ key: ResourceKey, _ document: ResourceDocument, uid: UID, at time: Instant) {
    var resource = Resource(
      metadata: Metadata(
        name: key.name, namespace: key.namespace, uid: uid, generation: 1, creationTimestamp: time),
      spec: document.spec, status: ResourceStatus(uid: uid, observedGeneration: 1))
    resource.metadata.labels = document.labels ?? [:]
    resource.metadata.annotations = document.annotations ?? [:]
    resource.status.warnings = document.warnings
    resource.status.set(.valid, .true, .specAccepted, at: time)
    resource.status.controller.commandIDs = remembered(key, at: time)?.commandIDs ?? []
    deleted[key] = nil
    resource.settleNewDocument()
    resources[key] = resource
  }

  private mutating func remove(_ key: ResourceKey, at time: Instant) {
    guard let resource = resources.removeValue(forKey: key) else { return }
    let ids = resource.status.controller.commandIDs
    if !ids.isEmpty { deleted[key] = DeletedResource(commandIDs: ids, deletedAt: time) }
  }

  /// A handled id is remembered also where nothing exists: a `Delete` answered with NotFound and delivered once more must not
  /// delete what was created in between.
  private mutating func remember(_ id: String, for key: ResourceKey, at time: Instant) {
    if resources[key] != nil {
      resources[key]?.status.controller.remember(id)
    } else {
      var memory = remembered(key, at: time) ?? DeletedResource(commandIDs: [], deletedAt: time)
      memory.commandIDs = ControllerState.remembering(id, after: memory.commandIDs)
      memory.deletedAt = time
      deleted[key] = memory
    }
  }
}

extension ControllerState {
  mutating func remember(_ id: String) { commandIDs = Self.remembering(id, after: commandIDs) }

  static func remembering(_ id: String, after ids: [String]) -> [String] {
    ids.contains(id) ? ids : Array((ids + [id]).suffix(rememberedCommandIDs))
  }
}
