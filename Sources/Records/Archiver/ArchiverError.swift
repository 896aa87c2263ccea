package import ColdStorage
package import Kafka

/// Why a topic could not be captured as asked. Whatever it is, the archive that was there before is whole.
package enum ArchiverError: Error, CustomStringConvertible {
  /// A partition that could not be read up to its bound.
  package struct Shortfall: Hashable, Sendable, CustomStringConvertible {
    package let partition: Int32
    /// Exclusive: up to here it was read.
    package let reached: Int64
    /// The high watermark when the capture began.
    package let bound: Int64

    package var description: String { "partition \(partition) up to \(reached) of \(bound)" }
  }

  case noSuchTopic(String)
  /// The topic of this name is not the one that was archived.
  case recreated(topic: String, reason: String)
  /// An open transaction held the last stable offset below the bound for longer than the deadline. What could be read
  /// is archived.
  case shortfall(topic: String, [Shortfall])
  /// Nothing came for longer than the deadline.
  case stalled(topic: String, [Shortfall], last: KafkaError?)
  case cancelled(topic: String)
  case kafka(KafkaError)
  case archive(ArchiveError)
  case notStarted

  package var description: String {
    switch self {
    case .noSuchTopic(let topic): "there is no topic '\(topic)'"
    case .recreated(let topic, let reason):
      "topic '\(topic)' is not the one that was archived, though it has its name: \(reason)"
    case .shortfall(let topic, let partitions):
      "topic '\(topic)' is archived only in part, an open transaction being in the way: \(Self.list(partitions))"
    case .stalled(let topic, let partitions, let last):
      "nothing more came of topic '\(topic)': \(Self.list(partitions))\(last.map { "; \($0)" } ?? "")"
    case .cancelled(let topic): "the capture of topic '\(topic)' was stopped"
    case .kafka(let error): error.description
    case .archive(let error): error.description
    case .notStarted: "no thread could be started"
    }
  }

  private static func list(_ partitions: [Shortfall]) -> String {
    let shown = partitions.prefix(10).map(\.description).joined(separator: ", ")
    return partitions.count > 10 ? "\(shown) and \(partitions.count - 10) more" : shown
  }

  /// Any error of what a capture is made of.
  init(_ error: any Error) {
    switch error {
    case let error as ArchiverError: self = error
    case let error as KafkaError: self = .kafka(error)
    case let error as ArchiveError: self = .archive(error)
    case let error as BatchError: self = .archive(.batch(error))
    default: self = .kafka(KafkaError(.failed, "\(error)"))
    }
  }
}
