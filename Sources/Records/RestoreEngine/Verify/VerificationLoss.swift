import RestoreModel

/// What keeps partitions from being compared at all, for good: trying again would never end.
struct VerificationLoss {
  let verdict: VerificationReceipt.Verdict
  let message: String

  /// What was sent is gone, whatever it was: brokers delete positions with their topic.
  static func deleted(_ target: TopicName) -> VerificationLoss {
    VerificationLoss(
      verdict: .mismatch, message: "\(target): the topic does not exist any more, nor does any record restored into it")
  }

  static func lacking(_ target: TopicName, _ partitions: [Int32], _ count: Int) -> VerificationLoss {
    VerificationLoss(
      verdict: .mismatch,
      message: "\(target): it has only \(count) partitions, but records were restored into \(list(partitions)): "
        + "the topic was deleted and made anew")
  }

  /// Nobody knows what was sent.
  static func unknown(_ target: TopicName, _ partitions: [Int32], _ group: String) -> VerificationLoss {
    VerificationLoss(
      verdict: .recordsExpired,
      message: "\(target): the sink no longer has the positions of \(list(partitions)) in group \(group) "
        + "(brokers delete them with their topic, or offsets.retention.minutes after the last commit), so there is "
        + "nothing to compare the target with")
  }

  private static func list(_ partitions: [Int32]) -> String {
    let shown = partitions.prefix(10).map(String.init).joined(separator: ", ")
    let more = partitions.count > 10 ? " and \(partitions.count - 10) more" : ""
    return "partition\(partitions.count == 1 ? "" : "s") \(shown)\(more)"
  }
}
