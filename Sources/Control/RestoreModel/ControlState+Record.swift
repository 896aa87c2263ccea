extension ControlState {
  /// Stamps a draft with its place in the log, moves the state by it and returns the event: uid, run and generation are those
  /// of the state after it, nil where no resource is left.
  package mutating func record(
    _ draft: EventDraft, time: Instant, cause: Event.Cause, epoch: Int64, commandsThrough: Int64
  ) -> Event {
    var event = Event(
      key: draft.key, uid: nil, run: nil, generation: nil, sequence: sequence + 1, epoch: epoch,
      time: max(time, self.time), cause: cause, commandsThrough: max(commandsThrough, self.commandsThrough),
      outcome: draft.outcome, content: draft.content)
    evolve(event)
    if let key = draft.key, let resource = resources[key] {
      event.uid = resource.metadata.uid
      event.run = resource.status.run > 0 ? resource.status.run : nil
      event.generation = resource.metadata.generation
    }
    return event
  }
}
