import RestoreModel
import Testing

/// A control state that is moved the way the owner moves it: a decision is recorded draft by draft, and the clock ticks between inputs.
struct Scenario {
  static let orders = ResourceKey(.restore, name: "orders")
  static let storage = ResourceKey(.storage, name: "store")
  static let hub = ResourceKey(.eventHub, name: "cluster")
  static let credentials = ResourceKey(.credentials, name: "secret")

  var state = ControlState()
  var now = Instant(milliseconds: 1_600_000_000_000)
  var offset: Int64 = -1
  /// Every event so far.
  var history: [Event] = []

  /// With a Storage and an EventHub, unless `bare`.
  init(bare: Bool = false) {
    take(state.decideTakeOver(instance: "test-0"), cause: .owner("takeOver"), epoch: 1)
    if !bare {
      send(.apply(Self.storageDocument()), Self.storage)
      send(.apply(Self.hubDocument()), Self.hub)
    }
  }

  var restore: Resource? { state.resources[Self.orders] }
  var status: ResourceStatus? { restore?.status }
  var phase: Phase? { status?.phase }

  func condition(_ type: Condition.Kind) -> Condition? { status?.condition(type) }

  @discardableResult mutating func send(
    _ command: Command, _ key: ResourceKey = Scenario.orders, id: String? = nil, expecting generation: Int64? = nil,
    archived: Result<[TopicName], Rejection>? = nil
  ) -> [Event] {
    send(.success(command), key, id: id, expecting: generation, archived: archived)
  }

  @discardableResult mutating func send(
    _ command: Result<Command, Rejection>, _ key: ResourceKey?, id: String? = nil, expecting generation: Int64? = nil,
    archived: Result<[TopicName], Rejection>? = nil
  ) -> [Event] {
    offset += 1
    now = Instant(milliseconds: now.milliseconds + 1000)
    var input = CommandInput(
      offset: offset, time: now, key: key, newUID: UID("uid-\(offset)"), command: command)
    input.id = id
    input.expectedGeneration = generation
    input.archivedTopics = archived
    let drafts = state.decide(input)
    #expect(drafts.filter(\.outcome).count == 1, "every command has exactly one outcome")
    return take(drafts, cause: .command(offset: offset, id: id))
  }

  /// A fact of the work in force, unless told otherwise.
  @discardableResult mutating func report(
    _ content: Fact.Content, _ key: ResourceKey = Scenario.orders, uid: UID? = nil, run: Int? = nil,
    claim: Claim? = nil
  ) -> [Event] {
    guard let status = state.resources[key]?.status else { return [] }
    return report(
      Fact(
        key: key, uid: uid ?? status.uid, run: run ?? status.run, claim: claim ?? status.controller.claim,
        content: content))
  }

  @discardableResult mutating func report(_ fact: Fact) -> [Event] {
    now = Instant(milliseconds: now.milliseconds + 1000)
    let drafts = state.decide(fact, at: now)
    #expect(drafts.allSatisfy { !$0.outcome }, "a fact has no outcome")
    let events = take(drafts, cause: .fact(fact.name))
    _ = state.record(progress: fact)
    return events
  }

  @discardableResult mutating func takeOver() -> [Event] {
    take(
      state.decideTakeOver(instance: "test-\(state.epoch)"), cause: .owner("takeOver"), epoch: state.epoch + 1)
  }

  @discardableResult mutating func take(
    _ drafts: [EventDraft], cause: Event.Cause, epoch: Int64? = nil
  ) -> [Event] {
    let events = drafts.map {
      state.record($0, time: now, cause: cause, epoch: epoch ?? state.epoch, commandsThrough: offset)
    }
    history += events
    return events
  }
}

extension [Event] {
  var types: [String] { map(\.content.type) }

  var rejection: Rejection? {
    for event in self { if case .commandRejected(let rejection) = event.content { return rejection } }
    return nil
  }

  var outcome: Event? { first(where: \.outcome) }
}
