package import ControlTopics
import Logging
import RestoreModel

extension OwnerLoop {
  /// A foreign transaction that stays open hides every later record of its topic from readers of committed records, us included.
  func showBlocked(at time: Instant) async {
    let condition = condition(of: await term.blocked, at: time)
    let old = conditions.first { $0.type == condition.type }
    guard old?.message != condition.message || old?.status != condition.status else { return }
    // A service that was never blocked needs no record to say so.
    if old == nil, condition.status == .true { return }
    conditions.removeAll { $0.type == condition.type }
    conditions.append(condition)
    ledger.show(service: conditions, at: time)
    if condition.status == .false { plane.logger.warning("a topic is blocked", ["reason": condition.message]) }
  }

  private func condition(of blocked: BlockedPartition?, at time: Instant) -> ServiceCondition {
    guard let blocked else {
      return ServiceCondition(
        "TopicsReadable", .true, reason: "Readable", message: "every record can be read", lastTransitionTime: time)
    }
    let old = conditions.first { $0.type == "TopicsReadable" }
    return ServiceCondition(
      "TopicsReadable", .false, reason: "ForeignTransaction", message: blocked.remedy(in: plane.naming),
      lastTransitionTime: old?.status == .false ? old?.lastTransitionTime ?? time : time)
  }
}

extension BlockedPartition {
  /// What is wrong, where, and what to do.
  package func remedy(in naming: TopicNaming) -> String {
    "\(naming.name(of: topic))-0: somebody's transaction is open at offset \(lastStableOffset), and what follows it can't be read; "
      + "find it with `kafka-transactions.sh find-hanging --topic \(naming.name(of: topic)) --partition 0` and abort it"
  }
}
