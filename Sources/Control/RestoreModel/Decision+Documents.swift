/// Whole documents of Restores: `Create`, `Apply`, `Configure`.
extension Decision {
  mutating func create(_ document: ResourceDocument, uid: UID) throws(Rejection) {
    try require(document)
    var document = document
    document.labels = document.labels ?? [:]
    document.annotations = document.annotations ?? [:]
    add(document.key, .restoreCreated(document, uid: uid), outcome: true)
    settle(document.key)
  }

  mutating func change(_ key: ResourceKey, to document: ResourceDocument) throws(Rejection) {
    let restore = try restore(key)
    guard let old = restore.restoreSpec, case .restore(let new) = document.spec else {
      throw Rejection(.malformed, "the document is not that of a Restore")
    }
    let document = restore.completed(document)
    guard !restore.holds(document) else {
      return unchanged(key, "\(key) is exactly so already")
    }
    try require(document)
    let edits = old.lockedChanges(to: new)
    if !edits.isEmpty { try requireUnlocked(restore, edits) }
    let enables = !old.enabled && new.enabled
    let reopens = restore.isOver && !edits.isEmpty
    let held = (restore.status.controller.held || reopens) && !enables
    add(key, .specChanged(document, held: held), outcome: true)
    settle(key)
  }

  func restore(_ key: ResourceKey) throws(Rejection) -> Resource {
    guard let restore = state.resources[key], restore.restoreSpec != nil else {
      throw Rejection(.notFound, "\(key) does not exist")
    }
    return restore
  }

  func require(_ document: ResourceDocument) throws(Rejection) {
    let problems = Validation.problems(of: document)
    guard problems.isEmpty else {
      throw Rejection(.invalid, "\(document.key) breaks a rule of its document", errors: problems)
    }
  }

  func requireUnlocked(_ restore: Resource, _ paths: [String]) throws(Rejection) {
    guard let phase = restore.status.phase, phase.isUnfinished, !restore.isOver else { return }
    let message =
      "run \(restore.status.run) is unfinished (\(phase.rawValue)): until it ends, only enabled, description, "
      + "config.throttle and metadata may change"
    throw Rejection(.specLocked, message, errors: paths.map { FieldProblem($0, message) })
  }
}

extension Resource {
  /// The document with what it leaves as it is filled in.
  func completed(_ document: ResourceDocument) -> ResourceDocument {
    var document = document
    document.labels = document.labels ?? metadata.labels
    document.annotations = document.annotations ?? metadata.annotations
    return document
  }

  func holds(_ document: ResourceDocument) -> Bool {
    spec == document.spec && document.labels == metadata.labels && document.annotations == metadata.annotations
  }
}
