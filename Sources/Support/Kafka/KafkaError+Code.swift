import CLibrdkafka

extension KafkaError {
  /// An error code: negative ones are librdkafka's own, positive ones Kafka's (kafka.apache.org/protocol, "Error Codes").
  package struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    init(_ code: rd_kafka_resp_err_t) { rawValue = code.rawValue }

    /// librdkafka's name of it, such as `_TIMED_OUT` or `UNKNOWN_TOPIC_OR_PART`.
    package var description: String { String(cString: rd_kafka_err2name(rd_kafka_resp_err_t(rawValue))) }

    /// librdkafka's sentence for it.
    package var sentence: String { String(cString: rd_kafka_err2str(rd_kafka_resp_err_t(rawValue))) }

    // librdkafka's own.
    package static let destroyed = Code(RD_KAFKA_RESP_ERR__DESTROY)
    package static let failed = Code(RD_KAFKA_RESP_ERR__FAIL)
    package static let transport = Code(RD_KAFKA_RESP_ERR__TRANSPORT)
    package static let resolve = Code(RD_KAFKA_RESP_ERR__RESOLVE)
    package static let messageTimedOut = Code(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
    package static let unknownPartition = Code(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
    package static let unknownTopic = Code(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    package static let allBrokersDown = Code(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    package static let invalidArgument = Code(RD_KAFKA_RESP_ERR__INVALID_ARG)
    package static let timedOut = Code(RD_KAFKA_RESP_ERR__TIMED_OUT)
    package static let queueFull = Code(RD_KAFKA_RESP_ERR__QUEUE_FULL)
    package static let tls = Code(RD_KAFKA_RESP_ERR__SSL)
    package static let waitingForCoordinator = Code(RD_KAFKA_RESP_ERR__WAIT_COORD)
    package static let unknownGroup = Code(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP)
    package static let conflict = Code(RD_KAFKA_RESP_ERR__CONFLICT)
    package static let state = Code(RD_KAFKA_RESP_ERR__STATE)
    package static let authentication = Code(RD_KAFKA_RESP_ERR__AUTHENTICATION)
    package static let noOffset = Code(RD_KAFKA_RESP_ERR__NO_OFFSET)
    package static let unsupportedFeature = Code(RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE)
    package static let purgedFromQueue = Code(RD_KAFKA_RESP_ERR__PURGE_QUEUE)
    package static let purgedInFlight = Code(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    package static let fatal = Code(RD_KAFKA_RESP_ERR__FATAL)
    package static let maxPollExceeded = Code(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
    package static let fenced = Code(RD_KAFKA_RESP_ERR__FENCED)
    package static let autoOffsetReset = Code(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
    package static let unknown = Code(RD_KAFKA_RESP_ERR_UNKNOWN)

    // Kafka's.
    package static let offsetOutOfRange = Code(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    package static let unknownTopicOrPartition = Code(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    package static let requestTimedOut = Code(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT)
    package static let messageTooLarge = Code(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    package static let offsetMetadataTooLarge = Code(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE)
    package static let coordinatorLoading = Code(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)
    package static let coordinatorNotAvailable = Code(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)
    package static let notCoordinator = Code(RD_KAFKA_RESP_ERR_NOT_COORDINATOR)
    package static let illegalGeneration = Code(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
    package static let unknownMember = Code(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)
    package static let rebalanceInProgress = Code(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
    package static let topicAuthorizationFailed = Code(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    package static let groupAuthorizationFailed = Code(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
    package static let clusterAuthorizationFailed = Code(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
    package static let invalidTimestamp = Code(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)
    package static let topicAlreadyExists = Code(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    package static let invalidPartitions = Code(RD_KAFKA_RESP_ERR_INVALID_PARTITIONS)
    package static let invalidReplicationFactor = Code(RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR)
    package static let invalidConfig = Code(RD_KAFKA_RESP_ERR_INVALID_CONFIG)
    package static let policyViolation = Code(RD_KAFKA_RESP_ERR_POLICY_VIOLATION)
    package static let invalidProducerEpoch = Code(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH)
    package static let invalidTransactionState = Code(RD_KAFKA_RESP_ERR_INVALID_TXN_STATE)
    package static let concurrentTransactions = Code(RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS)
    package static let transactionalIDAuthorizationFailed = Code(
      RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    package static let saslAuthenticationFailed = Code(RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED)
    package static let unknownProducerID = Code(RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID)
    package static let nonEmptyGroup = Code(RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP)
    package static let groupIDNotFound = Code(RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
    package static let fencedInstanceID = Code(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
    package static let invalidRecord = Code(RD_KAFKA_RESP_ERR_INVALID_RECORD)
    package static let unstableOffsetCommit = Code(RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT)
    package static let unsupportedCompressionType = Code(RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE)
    package static let producerFenced = Code(RD_KAFKA_RESP_ERR_PRODUCER_FENCED)

    /// The leader is gone, or another one by now.
    var asksForLeader: Bool {
      isSilence
        || [
          Code(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION), Code(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE),
          Code(RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH), Code(RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH),
          Code(RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE), Code(RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE),
        ].contains(self)
    }

    /// No broker was reached within the time given; `ClientHandle` adds what the last attempt ended with.
    var isSilence: Bool {
      [.timedOut, .transport, .resolve, .allBrokersDown, .messageTimedOut, .waitingForCoordinator].contains(self)
    }
  }
}
