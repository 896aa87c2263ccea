import RestoreModel

/// Every state that a Restore can stand in, as far as commands and facts tell them apart.
enum Stage: String, CaseIterable {
  case missing, deleted, draft, enabledDraft, ready, invalid
  case initializing, planned, restoring, allPositioned
  case pausing, restarting, deleting, pausingPreflight
  case paused, pausedBeforePlan, failed, failedPreflight, failedDisabled, restartingFailed
  case unverified, done, mismatched, doneDisabled, held, heldDisabled
}

extension Scenario {
  static func at(_ stage: Stage) -> Scenario {
    var scenario = Scenario()
    scenario.reach(stage)
    return scenario
  }

  private mutating func reach(_ stage: Stage) {
    switch stage {
    case .missing: break
    case .deleted:
      send(.create(Self.document(enabled: false)), id: "created")
      send(.delete, id: "deleted")
    case .draft: send(.create(Self.document(topics: [], enabled: false)))
    case .enabledDraft: send(.create(Self.document(topics: [])))
    case .ready: send(.create(Self.document(enabled: false)))
    case .invalid: send(.create(Self.document { $0.source = "elsewhere" }))
    case .initializing: send(.create(Self.document()))
    case .planned: after(.initializing) { $0.report(.planned(Self.plan())) }
    case .restoring: after(.planned) { $0.report(.preflightPassed(PreflightReport())) }
    case .allPositioned:
      after(.restoring) { scenario in
        for lane in Self.twoLanes { scenario.report(.positioned(lane.id)) }
      }
    case .pausing: after(.allPositioned) { $0.send(.disable) }
    case .restarting: after(.allPositioned) { $0.send(.restart) }
    case .deleting: after(.allPositioned) { $0.send(.delete) }
    case .pausingPreflight: after(.planned) { $0.send(.disable) }
    case .paused: after(.pausing) { $0.seal() }
    case .pausedBeforePlan: after(.initializing) { $0.send(.disable) }
    case .failed: after(.allPositioned) { $0.report(.failed(Self.fault)) }
    case .failedPreflight:
      after(.planned) { $0.report(.preflightFailed(PreflightReport(failures: ["a: does not exist"]))) }
    case .failedDisabled: after(.failed) { $0.send(.disable) }
    case .restartingFailed: after(.failed) { $0.send(.restart) }
    case .unverified: after(.allPositioned) { $0.finish() }
    case .done: after(.unverified) { $0.report(.verified(Self.receipt(.digestsMatch))) }
    case .mismatched: after(.unverified) { $0.report(.verified(Self.receipt(.mismatch))) }
    case .doneDisabled: after(.done) { $0.send(.disable) }
    case .held: after(.done) { $0.send(.unmapTopic(target: "c")) }
    case .heldDisabled: after(.held) { $0.send(.disable) }
    }
  }

  private mutating func after(_ stage: Stage, _ step: (inout Scenario) -> Void) {
    reach(stage)
    step(&self)
  }

  @discardableResult mutating func seal() -> [Event] {
    var events: [Event] = []
    for lane in Self.twoLanes { events += report(.sealed(lane.id, warning: nil)) }
    return events
  }

  @discardableResult mutating func finish() -> [Event] {
    var events: [Event] = []
    for lane in Self.twoLanes {
      for topic in lane.topics {
        events += report(.topicStarted(topic, lane.id))
        events += report(.topicRestored(topic, lane.id, Figures()))
      }
    }
    return events
  }
}

extension Scenario {
  /// One of each kind of command, with some that change something and some that change nothing.
  static let commands: [Command] = [
    .apply(document()), .apply(document(enabled: false)), .apply(document(topics: ["a"])),
    .apply(document(topics: [])), .apply(document { $0.source = "elsewhere" }),
    .apply(document { $0.config.throttleBytesPerSecond = 1000 }), .apply(document { $0.config.parallelism = 0 }),
    .create(document()), .create(document(topics: [], enabled: false)),
    .mapTopic(TopicMapping(source: "a", target: "a")), .mapTopic(TopicMapping(source: "d", target: "d")),
    .mapTopic(TopicMapping(source: "d", target: "a")), .mapTopic(TopicMapping(source: "", target: "..")),
    .unmapTopic(target: "c"), .unmapTopic(target: "nothing"),
    .importTopics(glob: nil, prefix: "", suffix: ""), .importTopics(glob: "x*", prefix: "p-", suffix: "-s"),
    .configure(document { $0.description = "new" }.spec), .configure(document { $0.config.parallelism = 7 }.spec),
    .configure(.storage(.volume(path: "/"))), .apply(storageDocument()),
    .enable, .disable, .retry, .restart, .delete,
  ]

  static let archived: Result<[TopicName], Rejection> = .success(["a", "b", "c", "d", "x1", "x2"])

  /// One of each kind of fact, for either lane.
  static var facts: [Fact.Content] {
    var figures = Figures()
    figures.recordsTotal = 100
    figures.recordsRestored = 50
    let lanes = twoLanes.flatMap { lane -> [Fact.Content] in
      [
        .positioned(lane.id), .sealed(lane.id, warning: nil), .sealed(lane.id, warning: "NotFenced"),
        .superseded(lane.id),
      ]
        + lane.topics.flatMap { topic -> [Fact.Content] in
          [
            .topicStarted(topic, lane.id), .topicRestored(topic, lane.id, figures),
            .progress(lane.id, [TopicProgress(target: topic, state: .restoring, figures: figures)]),
          ]
        }
    }
    return lanes + [
      .waiting(fault), .planned(plan()), .preflightPassed(PreflightReport(warnings: ["a: target not empty"])),
      .preflightFailed(PreflightReport(failures: ["a: partition count 2, not 3"])), .failed(fault),
    ] + VerificationReceipt.Verdict.allCases.map { .verified(receipt($0)) }
  }
}
