extension ControlState {
  /// What a command leads to. Total: every input has exactly one outcome draft, whatever the state; the other drafts are what
  /// follows from it.
  package func decide(_ input: CommandInput) -> [EventDraft] {
    let cause = Event.Cause.command(offset: input.offset, id: input.id)
    var decision = Decision(state: self, time: input.time, cause: cause, commandsThrough: input.offset)
    do {
      try decision.answer(input)
      return decision.drafts
    } catch {
      return [EventDraft(input.key, .commandRejected(error), outcome: true)]
    }
  }
}

extension Decision {
  /// Adds exactly one outcome, or throws before it has added anything.
  mutating func answer(_ input: CommandInput) throws(Rejection) {
    guard let key = input.key else {
      _ = try input.command.get()
      throw Rejection(.malformed, "the record's key names no resource; it is <kind>/<namespace>/<name>")
    }
    if let id = input.id, state.remembers(id, for: key, at: time) {
      return add(key, .commandUnchanged(message: "command \"\(id)\" was handled already"), outcome: true)
    }
    let command = try input.command.get()
    try admit(command, input, key)
    if state.resources[key]?.status.stopping == .deleting {
      guard command == .delete else { throw Rejection(.terminating, "\(key) is being deleted") }
      return unchanged(key, "\(key) is being deleted already")
    }
    if key.kind == .restore {
      try answerRestore(key, command, input)
    } else {
      try answerSupporting(key, command, input)
    }
  }

  mutating func unchanged(_ key: ResourceKey, _ message: String) {
    add(key, .commandUnchanged(message: message), outcome: true)
  }

  /// What holds for every kind: the document is of the key's kind, what is to be changed exists, and is what the sender saw.
  private func admit(_ command: Command, _ input: CommandInput, _ key: ResourceKey) throws(Rejection) {
    let existing = state.resources[key]
    switch command {
    case .apply(let document), .create(let document):
      guard document.key == key, document.spec.kind == key.kind else {
        throw Rejection(.malformed, "the document is not that of the record's key, \(key)")
      }
    case .configure(let spec):
      guard spec.kind == key.kind else {
        throw Rejection(.malformed, "the spec is not that of a \(key.kind.rawValue)")
      }
      fallthrough
    default:
      guard existing != nil else { throw Rejection(.notFound, "\(key) does not exist") }
    }
    if case .create = command, existing != nil { throw Rejection(.alreadyExists, "\(key) exists already") }
    let generation = existing?.metadata.generation ?? 0
    if let expected = input.expectedGeneration, expected != generation {
      let found = existing == nil ? "\(key) does not exist" : "the generation of \(key) is \(generation)"
      throw Rejection(.conflict, "\(found), not \(expected) as expected")
    }
  }

  private mutating func answerRestore(
    _ key: ResourceKey, _ command: Command, _ input: CommandInput
  ) throws(Rejection) {
    switch command {
    case .apply(let document), .create(let document):
      if state.resources[key] == nil {
        try create(document, uid: input.newUID)
      } else {
        try change(key, to: document)
      }
    case .configure(let spec): try change(key, to: ResourceDocument(key: key, spec: spec))
    case .mapTopic(let mapping): try map(key, mapping)
    case .unmapTopic(let target): try unmap(key, target)
    case .importTopics(let glob, let prefix, let suffix):
      try importTopics(key, glob: glob, prefix: prefix, suffix: suffix, archived: input.archivedTopics)
    case .enable: try enable(key)
    case .disable: try disable(key)
    case .retry: try retry(key)
    case .restart: try restart(key)
    case .delete: try delete(key)
    }
  }
}

extension ControlState {
  func remembers(_ id: String, for key: ResourceKey, at time: Instant) -> Bool {
    let ids = resources[key]?.status.controller.commandIDs ?? remembered(key, at: time)?.commandIDs
    return ids?.contains(id) ?? false
  }
}
