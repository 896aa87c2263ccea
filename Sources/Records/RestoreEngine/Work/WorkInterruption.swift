import ColdStorage
import Kafka
import RestoreModel

/// Why a piece of work doesn't go on.
enum WorkInterruption: Error {
  /// It was told to stop.
  case stopped
  /// A higher claim is at work, or the fence was lost: nothing more may be written.
  case superseded
  /// No retry mends it.
  case fatal(RunFault)
  /// Worth trying again from the beginning, with a new handle.
  case transient(RunFault)
  /// The sink takes no batches of a codec. Who can choose another begins anew with that; for everybody else no retry mends it.
  case codecRefused(RunFault)
  /// A test said to leave everything as a killed process would.
  case abandoned

  /// - Parameters:
  ///   - what: what failed, such as `committing positions`.
  ///   - access: what it needs in the sink.
  init(_ error: any Error, doing what: @autoclosure () -> String, needing access: SinkAccess? = nil) {
    switch error {
    case let interruption as WorkInterruption: self = interruption
    case let fault as RunFault: self = fault.isTransient ? .transient(fault) : .fatal(fault)
    case let error as KafkaError: self.init(error, what(), access)
    case let error as ArchiveError: self.init(StorageFault.fault(error), doing: what())
    default: self = .fatal(RunFault(reason: "InternalError", message: "\(what()): \(error)"))
    }
  }

  private init(_ error: KafkaError, _ what: String, _ access: SinkAccess?) {
    func fault(_ reason: String, _ remedy: String) -> WorkInterruption {
      .fatal(RunFault(reason: reason, message: "\(what): \(error.message); \(remedy)"))
    }
    switch error.code {
    case _ where error.isFenced: self = .superseded
    case .messageTooLarge:
      self = fault("RecordTooLarge", "raise max.message.bytes of the target, then retry")
    case .invalidTimestamp:
      self = fault(
        "InvalidTimestamp", "widen message.timestamp.before.max.ms or after.max.ms of the target, then retry")
    case .unknownTopicOrPartition, .unknownTopic, .unknownPartition:
      let remedy = "create the target with the archived number of partitions, then retry"
      self = .transient(RunFault(reason: RunFault.unknownTopic, message: "\(what): \(error.message); \(remedy)"))
    case .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed,
      .transactionalIDAuthorizationFailed:
      let lacking = access?.lacking(error.code).map { "the sink's user lacks \($0): allow it, then retry" }
      self = fault("AuthorizationFailed", lacking ?? "allow the sink's user to do this, then retry")
    case .invalidRecord, .policyViolation: self = fault("RecordRefused", "see the target's configuration, then retry")
    case .unsupportedCompressionType:
      let remedy = "set the EventHub's compression.type to a codec that the brokers take, then retry"
      self = .codecRefused(
        RunFault(reason: RunFault.codecRefused, message: "\(what): \(error.message); \(remedy)"))
    case .unsupportedFeature:
      self = fault("TransactionsUnsupported", "use delivery: at-least-once in a new run, or another broker")
    case .invalidArgument, .invalidConfig: self = fault("InvalidSink", "see the properties of the EventHub")
    case .offsetMetadataTooLarge: self = fault("PositionsRefused", "raise offset.metadata.max.bytes of the brokers")
    default: self = .transient(RunFault(reason: RunFault.sinkUnreachable, message: "\(what): \(error.message)"))
    }
  }
}

extension RunFault {
  static let sinkUnreachable = "SinkUnreachable"
  /// A broker said so. It may be one that has not heard yet of a topic that was just made.
  static let unknownTopic = "UnknownTopic"
  static let positionsMissing = "PositionsMissing"

  /// What the work is about was out of reach: the sink or the storage.
  package var isTransient: Bool { reason == RunFault.sinkUnreachable || reason == StorageFault.unreachable }
}
