import Kafka

/// Kafka's error codes (protocol guide, "Error Codes") that a producer tells apart.
extension KafkaError.Code {
  static func == (left: Int16, right: KafkaError.Code) -> Bool { Int32(left) == right.rawValue }

  static let none = KafkaError.Code(rawValue: 0)
  static let corruptMessage = KafkaError.Code(rawValue: 2)
  static let leaderNotAvailable = KafkaError.Code(rawValue: 5)
  static let notLeader = KafkaError.Code(rawValue: 6)
  static let networkException = KafkaError.Code(rawValue: 13)
  static let notEnoughReplicas = KafkaError.Code(rawValue: 19)
  static let notEnoughReplicasAfterAppend = KafkaError.Code(rawValue: 20)
  static let unsupportedVersion = KafkaError.Code(rawValue: 35)
  static let outOfOrderSequence = KafkaError.Code(rawValue: 45)
  static let duplicateSequence = KafkaError.Code(rawValue: 46)
  static let operationNotAttempted = KafkaError.Code(rawValue: 55)
  static let storageError = KafkaError.Code(rawValue: 56)
  static let fencedLeaderEpoch = KafkaError.Code(rawValue: 74)
  static let unknownLeaderEpoch = KafkaError.Code(rawValue: 75)
  static let throttlingQuotaExceeded = KafkaError.Code(rawValue: 89)
  static let invalidProducerIDMapping = KafkaError.Code(rawValue: 49)

  init(_ wire: Int16) { self.init(rawValue: Int32(wire)) }

  /// Asking the same broker again may do, after a pause.
  var mayPass: Bool {
    [
      .coordinatorLoading, .concurrentTransactions, .requestTimedOut, .notEnoughReplicas, .notEnoughReplicasAfterAppend,
      .networkException, .throttlingQuotaExceeded, .coordinatorNotAvailable, .notCoordinator,
    ].contains(self)
  }

  /// Another broker is in charge.
  var asksForCoordinator: Bool { [.coordinatorNotAvailable, .notCoordinator].contains(self) }

  var asksForAnotherLeader: Bool {
    [
      .unknownTopicOrPartition, .leaderNotAvailable, .notLeader, .storageError, .fencedLeaderEpoch, .unknownLeaderEpoch,
    ].contains(self)
  }

  var isAuthorization: Bool {
    [
      .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed,
      .transactionalIDAuthorizationFailed,
    ].contains(self)
  }
}
