import RestoreModel

extension Arbitrary {
  mutating func resource(_ kind: ResourceKind? = nil) -> Resource {
    let kind = kind ?? choice()
    let uid = uid()
    var metadata = Metadata(
      name: name(), namespace: element(["default", "prod"]), uid: uid, generation: count(),
      creationTimestamp: instant())
    metadata.labels = map()
    metadata.annotations = map()
    return Resource(metadata: metadata, spec: spec(kind), status: status(uid))
  }

  mutating func status(_ uid: UID) -> ResourceStatus {
    var status = ResourceStatus(uid: uid, observedGeneration: count(), phase: maybe { $0.choice() })
    status.stopping = maybe { $0.choice() }
    status.conditions = list { $0.condition() }
    status.run = int(0...3)
    status.startTime = maybe { $0.instant() }
    status.completionTime = maybe { $0.instant() }
    status.warnings = list { $0.text() }
    status.progress = maybe { $0.progress() }
    status.controller = controller()
    return status
  }

  mutating func condition() -> Condition {
    Condition(
      choice(), choice(), reason: text(), message: text(), lastTransitionTime: instant(), observedGeneration: count())
  }

  mutating func progress() -> Progress {
    var progress = Progress(topics: list { $0.topicProgress() })
    progress.recordsPerSecond = count()
    progress.bytesPerSecond = count()
    return progress
  }

  mutating func topicProgress() -> TopicProgress {
    TopicProgress(target: topic(), lane: maybe { $0.lane() }, state: choice(), figures: figures())
  }

  mutating func figures() -> Figures {
    var figures = Figures()
    figures.recordsTotal = count()
    figures.recordsRead = count()
    figures.recordsRestored = count()
    figures.recordsFiltered = count()
    figures.bytesTotal = count()
    figures.bytesRead = count()
    figures.bytesRestored = count()
    figures.zeroTimestamps = count()
    if bool() {
      figures.schemas = SchemaCounts(
        unmapped: [Int32(int(0...9)): count(), Int32(int(10...99)): count()], unmappedTotal: max(1, count()),
        unframedRecords: count())
    }
    if bool() {
      figures.batches.unopened = count()
      figures.batches.merged = count()
      for reason in OpenedReason.allCases where bool() { figures.batches.opened[reason] = max(1, count()) }
    }
    return figures
  }

  mutating func plannedLane() -> PlannedLane {
    PlannedLane(id: lane(), topics: list { $0.topic() }, maxMessageBytes: offset())
  }

  mutating func plannedSource() -> PlannedSource { PlannedSource(topic: topic(), ends: list { $0.offset() }) }

  private mutating func controller() -> ControllerState {
    var state = ControllerState()
    state.claim = claim()
    state.runGeneration = maybe { $0.count() }
    state.archiveDigest = maybe { $0.text() }
    state.sources = list { $0.plannedSource() }
    state.clusterID = maybe { $0.text() }
    state.lanes = list { $0.plannedLane() }
    state.preflightPassed = bool()
    state.positioned = list { $0.lane() }
    state.positionedClaims = list { $0.claim() }
    state.sealed = list { $0.lane() }
    state.startedTopics = list { $0.topic() }
    state.restoredTopics = list { $0.topic() }
    state.held = bool()
    state.commandIDs = list { $0.text() }
    return state
  }
}
