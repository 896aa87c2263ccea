/// A decision while it is taken: the drafts so far, and the state that they lead to, so that each later draft follows from the
/// earlier ones by the very transition function that replays them.
struct Decision {
  private(set) var state: ControlState
  private(set) var drafts: [EventDraft] = []
  let time: Instant
  private let cause: Event.Cause
  private let commandsThrough: Int64

  /// The time never goes back, whatever clock the input comes from.
  init(state: ControlState, time: Instant, cause: Event.Cause, commandsThrough: Int64? = nil) {
    self.state = state
    self.time = max(time, state.time)
    self.cause = cause
    self.commandsThrough = max(commandsThrough ?? -1, state.commandsThrough)
  }

  mutating func add(_ key: ResourceKey?, _ content: Event.Content, outcome: Bool = false) {
    let draft = EventDraft(key, content, outcome: outcome)
    drafts.append(draft)
    _ = state.record(draft, time: time, cause: cause, epoch: state.epoch, commandsThrough: commandsThrough)
  }
}
