import RestoreModel

/// The ways of a Restore, found by trying every input in every state: what each event of each decision moves it from and to.
struct Lifecycle {
  /// Where a Restore stands, as people see it; nil phase: there is none.
  struct Place: Hashable {
    var phase: Phase?
    var stopping: Stopping?

    init(_ resource: Resource?) {
      phase = resource?.status.phase
      stopping = resource?.status.stopping
    }
  }

  struct Way: Hashable {
    var from: Place
    var event: String
    var to: Place
  }

  private(set) var ways: Set<Way> = []

  /// Follows the events of one decision from the state before it; by `evolve`, which is what replays them.
  mutating func follow(_ events: [Event], from start: ControlState) {
    var state = start
    for event in events {
      let from = Place(state.resources[Scenario.orders])
      state.evolve(event)
      let to = Place(state.resources[Scenario.orders])
      guard event.key == Scenario.orders, from != to else { continue }
      ways.insert(Way(from: from, event: event.content.type, to: to))
    }
  }

  /// Every stage, and every state that one more step leads to from it, meets every command, every fact, each change of what the document
  /// names, and a new owner.
  static let probed: Lifecycle = {
    var lifecycle = Lifecycle()
    let inputs = Self.inputs
    var seen: Set<ControlState> = []
    for stage in Stage.allCases {
      for step in Self.steps {
        var start = Scenario.at(stage)
        step(&start)
        guard seen.insert(start.state).inserted else { continue }
        for input in inputs {
          var scenario = start
          lifecycle.follow(input(&scenario), from: start.state)
        }
      }
    }
    return lifecycle
  }()

  private static var steps: [(inout Scenario) -> Void] {
    [
      { _ in }, { $0.send(.delete, Scenario.storage) }, { $0.send(.disable) }, { $0.send(.restart) },
      { $0.send(.delete) }, { $0.report(.failed(Scenario.fault)) }, { $0.keepOneTopic() },
    ]
  }

  private static var inputs: [(inout Scenario) -> [Event]] {
    var inputs: [(inout Scenario) -> [Event]] = []
    for command in Scenario.commands + [.unmapTopic(target: "b")] {
      inputs.append { $0.send(command, archived: Scenario.archived) }
    }
    for fact in Scenario.facts { inputs.append { $0.report(fact) } }
    // The last of several lanes decides what follows.
    inputs.append { $0.seal() }
    inputs.append { $0.finish() }
    for key in [Scenario.storage, Scenario.hub] { inputs.append { $0.send(.delete, key) } }
    inputs.append { scenario in
      var storage = Scenario.storageDocument()
      storage.key = ResourceKey(.storage, name: "elsewhere")
      return scenario.send(.apply(storage), storage.key)
    }
    inputs.append { $0.takeOver() }
    return inputs
  }
}

extension Scenario {
  /// As if only one topic had been mapped from the beginning: unmapping it leaves none.
  fileprivate mutating func keepOneTopic() {
    guard var restore, var spec = restore.restoreSpec, let kept = spec.config.topics.last else { return }
    spec.config.topics = [kept]
    restore.spec = .restore(spec)
    let lanes = restore.status.controller.lanes.filter { $0.topics.contains(kept.target) }
    restore.status.controller.lanes = lanes.map {
      PlannedLane(id: $0.id, topics: [kept.target], maxMessageBytes: $0.maxMessageBytes)
    }
    state.resources[Self.orders] = restore
  }
}

extension Lifecycle {
  /// Between phases; what a run is being sealed for is another diagram.
  var phaseDiagram: String {
    diagram { way in
      guard way.from.phase != way.to.phase else { return nil }
      return (way.from.phase.map(\.rawValue) ?? "[*]", way.to.phase.map(\.rawValue) ?? "[*]")
    }
  }

  /// What `status.stopping` says, whatever the phase; `Working` stands for its absence.
  var stoppingDiagram: String {
    diagram { way in
      guard way.from.stopping != way.to.stopping else { return nil }
      let end = way.to.phase == nil ? "[*]" : way.to.stopping?.rawValue ?? "Working"
      return (way.from.stopping?.rawValue ?? "Working", end)
    }
  }

  /// Every way, with both.
  var table: String {
    func name(_ place: Place) -> String {
      guard let phase = place.phase else { return "none" }
      return place.stopping.map { "\(phase.rawValue), \($0.rawValue)" } ?? phase.rawValue
    }
    var events: [[String]: Set<String>] = [:]
    for way in ways { events[[name(way.from), name(way.to)], default: []].insert(way.event) }
    let order = (["none"] + Phase.allCases.map(\.rawValue)).flatMap { phase in
      [phase] + Stopping.allCases.map { "\(phase), \($0.rawValue)" }
    }
    let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    let rows = events.sorted { left, right in
      (places[left.key[0]] ?? 0, places[left.key[1]] ?? 0) < (places[right.key[0]] ?? 0, places[right.key[1]] ?? 0)
    }
    let lines = rows.map { "| \($0.key[0]) | \($0.value.sorted().joined(separator: ", ")) | \($0.key[1]) |" }
    return (["| from | event | to |", "|---|---|---|"] + lines).joined(separator: "\n")
  }

  private func diagram(_ arrow: (Way) -> (String, String)?) -> String {
    var events: [[String]: Set<String>] = [:]
    for way in ways {
      if let (from, to) = arrow(way) { events[[from, to], default: []].insert(way.event) }
    }
    let order = ["[*]"] + Phase.allCases.map(\.rawValue) + ["Working"] + Stopping.allCases.map(\.rawValue)
    let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    let arrows = events.sorted { left, right in
      (places[left.key[0]] ?? 0, places[left.key[1]] ?? 0) < (places[right.key[0]] ?? 0, places[right.key[1]] ?? 0)
    }
    let lines = arrows.map { "    \($0.key[0]) --> \($0.key[1]): \($0.value.sorted().joined(separator: ", "))" }
    return (["```mermaid", "stateDiagram-v2"] + lines + ["```"]).joined(separator: "\n")
  }
}
