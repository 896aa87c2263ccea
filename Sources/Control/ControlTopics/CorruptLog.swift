/// One of our own topics holds what only we may write, and we can't have written it, or not in this version. The controller halts:
/// deciding on a state that isn't the recorded one could restore data twice.
package struct CorruptLog: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: String, Hashable, Sendable {
    case unreadable
    /// Written by a newer version of the contract than this program knows.
    case newerVersion
    /// A record of an owner that a later one had fenced already.
    case staleEpoch
    /// The topic belongs to another installation, or was created anew.
    case foreignInstallation
    /// The log ends before what it is known to hold, or a document lacks one of its two records.
    case incomplete
  }

  package var problem: Problem
  package var topic: ControlTopic
  /// Nil when it is no single record's fault.
  package var offset: Int64?
  package var message: String

  package init(_ problem: Problem, topic: ControlTopic, offset: Int64?, _ message: String) {
    self.problem = problem
    self.topic = topic
    self.offset = offset
    self.message = message
  }

  package var description: String { described(in: TopicNaming(prefix: "")) }

  /// Names the topic as the cluster calls it, its partition and the offset.
  package func described(in naming: TopicNaming) -> String {
    let place = offset.map { "\(naming.name(of: topic))-0 at offset \($0)" } ?? naming.name(of: topic)
    return "\(place): \(message)"
  }
}
