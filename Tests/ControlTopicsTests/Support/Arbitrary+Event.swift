import RestoreModel

extension Arbitrary {
  /// One of each kind of content.
  mutating func contents() -> [Event.Content] {
    [
      .restoreCreated(document(.restore), uid: uid()), .topicMapped(mapping()), .topicUnmapped(target: topic()),
      .specChanged(document(.restore), held: bool()), .restoreEnabled, .restoreDisabled,
      .runStarted(run: int(1...9), claim: claim()), .runPlanned(plan()), .preflightPassed(report()),
      .preflightFailed(report()), .lanePositioned(lane()), .topicStarted(topic(), lane()),
      .topicRestored(topic(), lane(), figures()), .laneSealed(lane(), warning: maybe { $0.text() }), .runPaused,
      .runResumed(claim: claim()), .runRetried(claim: claim()), .runTakenOver(claim: claim()),
      .runFailed(RunFault(reason: text(), message: text())), .runCompleted,
      .partitionsCompared(receipt().partitions), .runVerified(receipt()),
      .verificationFailed(receipt()), .verificationInconclusive(receipt()), .restartAccepted(claim: claim()),
      .deleteAccepted(claim: claim()), .restoreDeleted, .conditionChanged(condition()),
      .resourceApplied(document(choice()), uid: uid()), .resourceDeleted, .commandUnchanged(message: text()),
      .commandRejected(rejection()), .ownerChanged(instance: text()),
    ]
  }

  mutating func event(_ content: Event.Content) -> Event {
    let isOfInstallation = if case .ownerChanged = content { true } else { false }
    return Event(
      key: isOfInstallation || bool() ? nil : ResourceKey(choice(), name: name()), uid: maybe { $0.uid() },
      run: maybe { $0.int(0...9) }, generation: maybe { $0.count() }, sequence: max(1, count()), epoch: count(),
      time: instant(), cause: cause(), commandsThrough: element([-1, min(offset(), .max - 1)]), outcome: bool(),
      content: content)
  }

  private mutating func cause() -> Event.Cause {
    switch int(0...2) {
    case 0: .command(offset: offset(), id: maybe { $0.text() })
    case 1: .fact(text())
    default: .owner(text())
    }
  }

  private mutating func plan() -> RunPlan {
    RunPlan(
      lanes: list { $0.plannedLane() }, archiveDigest: text(), sources: list { $0.plannedSource() },
      clusterID: maybe { $0.text() },
      topics: list { $0.topicProgress() })
  }

  private mutating func report() -> PreflightReport {
    PreflightReport(failures: list { $0.text() }, warnings: list { $0.text() }, disabled: bool())
  }

  private mutating func receipt() -> VerificationReceipt {
    VerificationReceipt(
      verdict: choice(), message: text(),
      partitions: list { arbitrary in
        VerificationReceipt.Partition(
          topic: arbitrary.topic(), partition: Int32(arbitrary.int(0...99)), expected: arbitrary.side(),
          found: arbitrary.side(), firstOffset: arbitrary.offset(), lastOffset: -1)
      })
  }

  private mutating func side() -> VerificationReceipt.Side {
    VerificationReceipt.Side(records: offset(), timestamps: text(), rest: text())
  }

  private mutating func rejection() -> Rejection {
    Rejection(choice(Rejection.Reason.self), text(), errors: list { FieldProblem($0.text(), $0.text()) })
  }
}
