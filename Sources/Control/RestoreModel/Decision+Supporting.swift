/// Storages, EventHubs and Credentials: they are applied and deleted; what depends on them is settled in the same decision.
extension Decision {
  mutating func answerSupporting(
    _ key: ResourceKey, _ command: Command, _ input: CommandInput
  ) throws(Rejection) {
    switch command {
    case .apply(let document), .create(let document): try apply(key, document, uid: input.newUID)
    case .configure(let spec): try apply(key, ResourceDocument(key: key, spec: spec), uid: input.newUID)
    case .delete: try deleteSupporting(key)
    case .mapTopic, .unmapTopic, .importTopics, .enable, .disable, .retry, .restart:
      throw Rejection(.notApplicable, "\(command.name) is for Restores; \(key) is a \(key.kind.rawValue)")
    }
  }

  private mutating func apply(_ key: ResourceKey, _ document: ResourceDocument, uid: UID) throws(Rejection) {
    let existing = state.resources[key]
    var document = existing?.completed(document) ?? document
    document.labels = document.labels ?? [:]
    document.annotations = document.annotations ?? [:]
    if let existing, existing.holds(document) { return unchanged(key, "\(key) is exactly so already") }
    try require(document)
    add(key, .resourceApplied(document, uid: existing?.metadata.uid ?? uid), outcome: true)
    for dependent in state.restores(using: key) { settle(dependent) }
  }

  private mutating func deleteSupporting(_ key: ResourceKey) throws(Rejection) {
    let dependents = state.restores(using: key)
    let live = dependents.filter { state.resources[$0]?.hasLiveRun == true }
    guard live.isEmpty else {
      let names = live.map(\.description).joined(separator: ", ")
      throw Rejection(.inUse, "\(key) is used by a run that is not finished and verified: \(names)")
    }
    add(key, .resourceDeleted, outcome: true)
    for dependent in dependents { settle(dependent) }
  }
}

extension ControlState {
  /// Restores of the same namespace whose document names the resource, in the order of their keys.
  func restores(using key: ResourceKey) -> [ResourceKey] {
    resources.values
      .filter { $0.metadata.namespace == key.namespace && $0.restoreSpec?.names(key) == true }
      .map(\.key).sorted()
  }
}

extension RestoreSpec {
  func names(_ key: ResourceKey) -> Bool {
    switch key.kind {
    case .storage: source == key.name
    case .eventHub: sink == key.name
    case .credentials: sourceCredentials == key.name || sinkCredentials == key.name
    case .restore: false
    }
  }
}
