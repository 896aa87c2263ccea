import RestoreModel
import Testing

@Suite("Documents: draft, ready, invalid, locked, held")
struct DocumentTests {
  @Test("No topics is Draft whatever else is said; topics without enabling are Ready; a missing Storage is Invalid")
  func phases() {
    let cases: [(ResourceDocument, Phase)] = [
      (Scenario.document(topics: [], enabled: true), .draft),
      (Scenario.document(topics: []) { $0.source = "elsewhere" }, .draft),
      (Scenario.document(enabled: false), .ready),
      (Scenario.document(enabled: false) { $0.sink = "elsewhere" }, .invalid),
      (Scenario.document { $0.sinkCredentials = "elsewhere" }, .invalid),
      (Scenario.document { $0.sourceCredentials = "elsewhere" }, .invalid),
      (Scenario.document(), .initializing),
    ]
    for (document, phase) in cases {
      var scenario = Scenario()
      scenario.send(.apply(document))
      #expect(scenario.phase == phase)
    }
  }

  @Test("What is missing is named, all of it, and heals when the last of it appears")
  func heals() {
    var scenario = Scenario(bare: true)
    scenario.send(.create(Scenario.document()))
    #expect(scenario.condition(.valid)?.reason == "SpecInvalid")
    #expect(
      scenario.condition(.valid)?.message
        == "source: Storage \"store\" does not exist in namespace \"default\"; "
        + "sink: EventHub \"cluster\" does not exist in namespace \"default\"")
    let first = scenario.send(.apply(Scenario.storageDocument()), Scenario.storage)
    #expect(first.types == ["ResourceApplied", "ConditionChanged"])
    #expect(scenario.phase == .invalid)
    let second = scenario.send(.create(Scenario.hubDocument()), Scenario.hub)
    #expect(second.types == ["ResourceApplied", "ConditionChanged", "RunStarted"])
    #expect(Set(second.map(\.cause)).count == 1)
    #expect(scenario.condition(.valid)?.reason == "SpecAccepted")
    #expect(scenario.phase == .initializing)
  }

  @Test("Credentials must be of a form that what they are for can use; others are named, and it heals when they change")
  func unfitCredentials() {
    let forms: [(spec: CredentialsSpec, sink: Bool, bucket: Bool)] = [
      (Scenario.keys, false, true),
      (.httpBasic(username: "u", passwordFrom: .environment("SECRET_P")), false, false),
      (
        .mutualTLS(
          certificateFrom: .file("/c"), keyFrom: .file("/k"), caFrom: nil, keyPasswordFrom: nil), true, false
      ),
      (.sasl(SASLCredentials(mechanism: .plain, username: "u", passwordFrom: .environment("SECRET_P"))), true, false),
    ]
    let bucket = ResourceDocument(key: Scenario.storage, spec: .storage(.s3(S3Location(bucket: "archives"))))
    for (spec, fitsSink, fitsBucket) in forms {
      let document = ResourceDocument(key: Scenario.credentials, spec: .credentials(spec))
      var sink = Scenario()
      sink.send(.apply(document), Scenario.credentials)
      sink.send(.create(Scenario.document(enabled: false) { $0.sinkCredentials = "secret" }))
      #expect(sink.phase == (fitsSink ? .ready : .invalid), "\(spec.form)")
      var source = Scenario()
      source.send(.apply(bucket), Scenario.storage)
      source.send(.apply(document), Scenario.credentials)
      source.send(.create(Scenario.document(enabled: false) { $0.sourceCredentials = "secret" }))
      #expect(source.phase == (fitsBucket ? .ready : .invalid), "\(spec.form)")
      source.send(.apply(Scenario.storageDocument()), Scenario.storage)
      #expect(source.phase == .ready, "a volume needs none, and takes no notice")
    }
    var scenario = Scenario()
    scenario.send(
      .apply(ResourceDocument(key: Scenario.credentials, spec: .credentials(Scenario.keys))), Scenario.credentials)
    scenario.send(.create(Scenario.document { $0.sinkCredentials = "secret" }))
    #expect(scenario.condition(.valid)?.reason == "SpecInvalid")
    #expect(
      scenario.condition(.valid)?.message
        == "sinkCredentialsFrom: Credentials \"secret\" are of the form aws; an EventHub takes sasl or mTls")
    let healed = scenario.send(.apply(Scenario.credentialsDocument()), Scenario.credentials)
    #expect(healed.types == ["ResourceApplied", "ConditionChanged", "RunStarted"])
  }

  @Test("A resource of another namespace doesn't count")
  func namespaces() {
    var scenario = Scenario()
    let key = ResourceKey(.restore, namespace: "other", name: "orders")
    scenario.send(.create(ResourceDocument(key: key, spec: Scenario.document().spec)), key)
    #expect(scenario.state.resources[key]?.status.phase == .invalid)
  }

  @Test("A Storage, EventHub or Credentials that a live run uses can't be deleted; idle Restores become Invalid")
  func deletingWhatIsUsed() {
    for stage in Stage.allCases {
      for key in [Scenario.storage, Scenario.hub] {
        var scenario = Scenario.at(stage)
        let live = scenario.phase?.isUnfinished == true || stage == .unverified
        let phase = scenario.phase
        let events = scenario.send(.delete, key)
        #expect(events.rejection?.reason == (live ? .inUse : nil), "\(stage)")
        #expect((scenario.state.resources[key] == nil) == !live)
        guard !live, let phase, stage != .invalid else { continue }
        #expect(scenario.condition(.valid)?.status == .false, "\(stage)")
        #expect(scenario.phase == (phase == .ready ? .invalid : phase), "\(stage)")
        scenario.send(.apply(key == Scenario.hub ? Scenario.hubDocument() : Scenario.storageDocument()), key)
        #expect(scenario.condition(.valid)?.status == .true, "\(stage)")
      }
    }
    var scenario = Scenario()
    scenario.send(.apply(Scenario.credentialsDocument()), Scenario.credentials)
    scenario.send(.create(Scenario.document { $0.sinkCredentials = "secret" }))
    #expect(scenario.phase == .initializing)
    #expect(scenario.send(.delete, Scenario.credentials).rejection?.reason == .inUse)
  }

  @Test("A run that failed in its preflight has sent nothing: its document may be mended, and nothing starts by itself")
  func mended() {
    let mends = [
      Command.apply(Scenario.document { $0.config.createTargets = .missing }), .unmapTopic(target: "a"),
      .mapTopic(TopicMapping(source: "d", target: "d")),
    ]
    for mend in mends {
      var scenario = Scenario.at(.planned)
      scenario.report(.preflightFailed(PreflightReport(failures: ["a: does not exist"])))
      let claim = scenario.status?.controller.claim
      #expect(scenario.phase == .failed)
      #expect(scenario.send(mend).rejection == nil)
      #expect(scenario.phase == .ready)
      for condition in [Condition.Kind.failed, .preflightPassed, .jobCompleted] {
        #expect(scenario.condition(condition) == nil)
      }
      #expect(scenario.status?.controller.lanes.isEmpty == true)
      // What an old worker may still say.
      #expect(scenario.report(.preflightPassed(PreflightReport()), claim: claim).isEmpty)
      #expect(scenario.send(.retry).rejection?.reason == .notApplicable)
      #expect(scenario.send(.restart).types == ["RunStarted"])
      #expect(scenario.status?.run == 2)
    }
  }

  @Test("A run that failed when lanes had begun is locked, whatever its preflight says later")
  func notMended() {
    var scenario = Scenario.at(.restoring)
    for lane in Scenario.twoLanes { scenario.report(.positioned(lane.id)) }
    scenario.report(.preflightFailed(PreflightReport(failures: ["a: does not exist"])))
    #expect(scenario.phase == .failed)
    #expect(scenario.send(.unmapTopic(target: "a")).rejection?.reason == .specLocked)
  }

  @Test("While a run is unfinished only enabled, description, throttle and metadata may change")
  func locked() {
    let stages: [Stage] = [.initializing, .planned, .restoring, .pausing, .paused, .failed, .restarting]
    for stage in stages {
      var scenario = Scenario.at(stage)
      let enabled = scenario.restore?.restoreSpec?.enabled ?? false
      let locked = Scenario.document(enabled: enabled) {
        $0.config.parallelism = 4
        $0.config.recordPath = .perRecord
        $0.source = "elsewhere"
      }
      let rejection = scenario.send(.apply(locked)).rejection
      #expect(rejection?.reason == .specLocked, "\(stage)")
      #expect(rejection?.errors.map(\.path) == ["source", "config.parallelism", "config.recordPath"])
      for command in [
        Command.mapTopic(TopicMapping(source: "d", target: "d")), .unmapTopic(target: "a"),
        .importTopics(glob: nil, prefix: "", suffix: ""),
      ] {
        #expect(scenario.send(command, archived: Scenario.archived).rejection?.reason == .specLocked, "\(stage)")
      }
      var free = Scenario.document(enabled: enabled) {
        $0.description = "text"
        $0.config.throttleBytesPerSecond = 1_000_000
      }
      free.labels = ["team": "blue"]
      #expect(scenario.send(.apply(free)).types == ["SpecChanged"], "\(stage)")
      #expect(scenario.restore?.metadata.labels == ["team": "blue"])
      #expect(scenario.restore?.metadata.generation == scenario.status?.observedGeneration)
    }
  }

  @Test("A document that enables or disables does what the commands do")
  func switchesByDocument() {
    var scenario = Scenario.at(.ready)
    #expect(scenario.send(.apply(Scenario.document())).types == ["SpecChanged", "RunStarted"])
    #expect(scenario.send(.apply(Scenario.document(enabled: false))).types == ["SpecChanged", "RunPaused"])
    #expect(scenario.send(.configure(Scenario.document().spec)).types == ["SpecChanged", "RunResumed"])
    scenario.report(.planned(Scenario.plan()))
    #expect(scenario.send(.apply(Scenario.document(enabled: false))).types == ["SpecChanged"])
    #expect(scenario.status?.stopping == .pausing)
  }

  @Test("The edit of a completed run's document holds it, until Enable, a document that enables, or Restart")
  func held() {
    let edits: [Command] = [
      .unmapTopic(target: "c"), .mapTopic(TopicMapping(source: "d", target: "d")),
      .apply(Scenario.document(topics: ["a"])), .configure(Scenario.document { $0.config.parallelism = 2 }.spec),
      .importTopics(glob: "d", prefix: "", suffix: ""),
    ]
    for edit in edits {
      var scenario = Scenario.at(.done)
      #expect(scenario.send(edit, archived: Scenario.archived).count == 1)
      #expect(scenario.phase == .ready)
      #expect(scenario.status?.controller.held == true)
      var enabled = scenario
      let events = enabled.send(.enable)
      #expect(events.types == ["RestoreEnabled", "RunStarted"])
      #expect(events.last?.generation == scenario.restore?.metadata.generation, "enabling what is enabled is no edit")
      var restarted = scenario
      #expect(restarted.send(.restart).types == ["RunStarted"])
      scenario.send(.disable)
      #expect(scenario.phase == .ready)
      #expect(scenario.send(.apply(Scenario.document(topics: ["b"]))).types == ["SpecChanged", "RunStarted"])
      #expect(scenario.status?.controller.held == false)
    }
  }

  @Test("A held document stays held through further edits")
  func heldStays() {
    var scenario = Scenario.at(.held)
    for command in [
      Command.apply(Scenario.document(topics: ["b"])), .configure(Scenario.document { $0.description = "d" }.spec),
      .mapTopic(TopicMapping(source: "z", target: "z")),
    ] {
      #expect(scenario.send(command).count == 1, "\(command.name)")
      #expect(scenario.phase == .ready)
      #expect(scenario.status?.controller.held == true)
    }
  }

  @Test("An edit that empties a held document makes it a Draft; mapping doesn't start it")
  func heldDraft() {
    var scenario = Scenario.at(.done)
    scenario.send(.apply(Scenario.document(topics: [])))
    #expect(scenario.phase == .draft)
    scenario.send(.mapTopic(TopicMapping(source: "a", target: "a")))
    #expect(scenario.phase == .ready)
    #expect(scenario.send(.enable).types == ["RestoreEnabled", "RunStarted"])
  }

  @Test("Description, throttle, metadata and the switch leave a completed run Done")
  func harmlessEdits() {
    var scenario = Scenario.at(.done)
    scenario.send(.apply(Scenario.document { $0.description = "kept" }))
    #expect(scenario.phase == .done)
    #expect(scenario.send(.disable).types == ["RestoreDisabled"])
    #expect(scenario.send(.enable).types == ["RestoreEnabled"])
    #expect(scenario.phase == .done)
    #expect(scenario.status?.run == 1)
  }

  @Test("An edit before verification ends it: the run can no longer be compared with the document")
  func editWhileVerifying() {
    var scenario = Scenario.at(.unverified)
    scenario.send(.unmapTopic(target: "c"))
    #expect(scenario.condition(.verified)?.reason == "NotRequested")
    #expect(scenario.report(.verified(Scenario.receipt(.digestsMatch))).isEmpty)
    #expect(scenario.state.desiredWork(for: Scenario.orders).isEmpty)
  }

  @Test("A generation counts changes of the spec, one for each event that changes it")
  func generations() {
    var scenario = Scenario.at(.ready)
    #expect(scenario.restore?.metadata.generation == 1)
    var labelled = Scenario.document(enabled: false)
    labelled.labels = ["a": "b"]
    scenario.send(.apply(labelled))
    #expect(scenario.restore?.metadata.generation == 1)
    #expect(scenario.send(.apply(labelled)).types == ["CommandUnchanged"])
    let events = scenario.send(.importTopics(glob: "x*", prefix: "", suffix: ""), archived: Scenario.archived)
    #expect(events.map(\.generation) == [2, 3])
    #expect(scenario.status?.observedGeneration == 3)
    #expect(scenario.condition(.valid)?.observedGeneration == 3)
  }

  @Test("expectedGeneration must be the document's; 0 means that there is none")
  func compareAndSet() {
    var scenario = Scenario.at(.ready)
    #expect(scenario.send(.enable, expecting: 2).rejection?.reason == .conflict)
    #expect(scenario.send(.apply(Scenario.document()), expecting: 0).rejection?.reason == .conflict)
    #expect(scenario.send(.enable, expecting: 1).rejection == nil)
    var missing = Scenario.at(.missing)
    #expect(missing.send(.apply(Scenario.document()), expecting: 1).rejection?.reason == .conflict)
    #expect(missing.send(.apply(Scenario.document()), expecting: 0).rejection == nil)
  }

  @Test("Create refuses what exists; Configure and the switches refuse what doesn't")
  func existence() {
    var ready = Scenario.at(.ready)
    #expect(ready.send(.create(Scenario.document())).rejection?.reason == .alreadyExists)
    var missing = Scenario.at(.missing)
    for command in [Command.configure(Scenario.document().spec), .enable, .disable, .unmapTopic(target: "a")] {
      #expect(missing.send(command).rejection?.reason == .notFound)
    }
  }

  @Test("A document under the wrong key is refused")
  func wrongKey() {
    var scenario = Scenario()
    #expect(scenario.send(.apply(Scenario.storageDocument())).rejection?.reason == .malformed)
    #expect(scenario.send(.apply(Scenario.document()), Scenario.storage).rejection?.reason == .malformed)
    let another = ResourceKey(.restore, name: "another")
    #expect(scenario.send(.apply(Scenario.document()), another).rejection?.reason == .malformed)
    #expect(scenario.send(.success(.enable), nil).rejection?.reason == .malformed)
    let unreadable = Rejection(.malformed, "no JSON")
    #expect(scenario.send(.failure(unreadable), nil).rejection == unreadable)
    #expect(scenario.send(.failure(unreadable), Scenario.orders).rejection == unreadable)
  }

  @Test("Supporting kinds are applied, created, configured and deleted, and nothing else")
  func supportingKinds() {
    var scenario = Scenario()
    #expect(scenario.send(.apply(Scenario.storageDocument()), Scenario.storage).types == ["CommandUnchanged"])
    #expect(scenario.send(.create(Scenario.storageDocument()), Scenario.storage).rejection?.reason == .alreadyExists)
    let uid = scenario.state.resources[Scenario.storage]?.metadata.uid
    scenario.send(.configure(.storage(.volume(path: "/other"))), Scenario.storage)
    #expect(scenario.state.resources[Scenario.storage]?.spec == .storage(.volume(path: "/other")))
    #expect(scenario.state.resources[Scenario.storage]?.metadata.generation == 2)
    #expect(scenario.state.resources[Scenario.storage]?.metadata.uid == uid)
    for command in [Command.enable, .disable, .retry, .restart, .unmapTopic(target: "a")] {
      #expect(scenario.send(command, Scenario.storage).rejection?.reason == .notApplicable)
    }
    #expect(scenario.send(.delete, Scenario.storage).types == ["ResourceDeleted"])
    #expect(scenario.send(.delete, Scenario.storage).rejection?.reason == .notFound)
  }
}
