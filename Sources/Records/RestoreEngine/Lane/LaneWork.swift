import ColdStorage
import Kafka
import Logging
import RestoreModel

/// A lane of a run: from take-over to the last checkpoint, as often as the sink makes it necessary to begin anew.
struct LaneWork {
  private let assignment: Assignment
  private let lane: LaneID

  init(_ assignment: Assignment, _ lane: LaneID) {
    self.assignment = assignment
    self.lane = lane
  }

  /// Sends what is left of the lane.
  func restore() throws(WorkInterruption) {
    var patience = Patience(assignment, limit: assignment.policy.patience)
    var told: Set<BatchCodec> = []
    while true {
      tellRefusals(&told)
      var hasProgressed = false
      do {
        let session = try LaneSession(assignment, try assignment.lane(lane))
        defer { hasProgressed = session.hasProgressed }
        return try session.restore()
      } catch {
        if hasProgressed { patience.renew() }
        switch error {
        case .transient(let fault): try patience.wait(fault)
        // At once, and not for ever: each time there is a codec less.
        case .codecRefused: continue
        case .stopped, .superseded, .fatal, .abandoned: throw error
        }
      }
    }
  }

  /// Logs once what becomes of batches whose codec the sink refuses.
  private func tellRefusals(_ told: inout Set<BatchCodec>) {
    let known = assignment.known.refusedCodecs
    let accepted = known.accepted
    for refusal in known.all where told.insert(refusal.codec).inserted {
      assignment.logger.info(
        "the sink refuses batches of this codec: they are opened and encoded again",
        [
          "lane": "\(lane)", "codec": "\(refusal.codec)", "refusedFor": "\(refusal.partition)",
          "instead": "\(WireRules.encoding(of: refusal.codec, among: accepted))",
        ])
    }
  }

  /// How long a deletion waits for a sink out of reach.
  private static let patienceOfDeletion = Duration.seconds(20)

  /// Takes the lane over, commits its positions under the claim, and sends nothing. A pause or a restart waits for a sink out of reach.
  func seal() throws(WorkInterruption) {
    let forDeletion = assignment.item.forDeletion
    var warnings =
      assignment.isExactlyOnce
      ? [] : ["NotFenced: with at-least-once nothing keeps a process that was believed dead from writing"]
    var patience = Patience(assignment, limit: forDeletion ? Self.patienceOfDeletion : nil)
    do {
      try patience.retry { () throws(WorkInterruption) in
        let planned = try assignment.lane(lane)
        if assignment.item.positioned {
          try LaneSeal(assignment, planned).run()
        } else {
          try LaneSession(assignment, planned).seal()
        }
      }
    } catch {
      guard case .fatal(let fault) = error else { throw error }
      if fault.reason == RunFault.positionsMissing {
        // The fence came first: whoever takes over after it finds no positions either, and sends nothing. Else nobody could ever restart.
        warnings.append(fault.message)
      } else if forDeletion {
        warnings.append("lane \(lane) was not sealed, an old process could still write: \(fault.message)")
      } else {
        throw error
      }
    }
    assignment.report(.sealed(lane, warning: warnings.isEmpty ? nil : warnings.joined(separator: "; ")))
  }
}
