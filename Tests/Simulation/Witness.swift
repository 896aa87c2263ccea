import RestoreModel

/// Knows what workers have reported, and under which claim, whatever becomes of the reports.
final class Witness: @unchecked Sendable {
  private struct Report: Hashable {
    var uid: UID
    var run: Int
    var claim: Claim
    var name: String
  }

  private var reports: Set<Report> = []
  private var latest: Event?

  func note(_ fact: Fact) {
    reports.insert(Report(uid: fact.uid, run: fact.run, claim: fact.claim, name: fact.name))
  }

  /// Nil if the event cites no report, or one that was made under the claim then in force.
  func finding(_ event: Event, before state: ControlState) -> String? {
    defer { latest = event }
    guard case .fact(let name) = event.cause, !isOfOneDecision(event),
      let restore = event.key.flatMap({ state.resources[$0] })
    else { return nil }
    let claim = restore.status.controller.claim
    let report = Report(uid: restore.metadata.uid, run: restore.status.run, claim: claim, name: name)
    return reports.contains(report)
      ? nil : "event \(event.sequence) cites \(name), which nobody reported under claim \(claim)"
  }

  /// The first event of a decision is decided in the state that the report met; those that follow may have raised the claim.
  private func isOfOneDecision(_ event: Event) -> Bool {
    guard let latest, latest.sequence + 1 == event.sequence else { return false }
    return latest.key == event.key && latest.cause == event.cause && latest.time == event.time
  }
}
