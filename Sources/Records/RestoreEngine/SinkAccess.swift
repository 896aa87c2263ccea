import Kafka

/// What a call needs the sink's user to be allowed, so that a refusal can name the operation and the resource (Kafka's documentation, "Operations and
/// Resources on Protocols").
enum SinkAccess: Sendable {
  case configuration(String)
  case creation(String)
  case ends([String])
  case takeOver(_ transactionalID: String)
  case positions(group: String, [String])
  case commit(group: String, [String], transactionalID: String)
  case records([String], transactionalID: String)
  case reading([String])

  /// What is lacking, such as `WRITE on topic orders`; nil when the error is no refusal of this kind.
  func lacking(_ code: KafkaError.Code) -> String? {
    switch code {
    case .topicAuthorizationFailed: onTopic
    case .groupAuthorizationFailed: onGroup
    case .transactionalIDAuthorizationFailed: onTransactionalID
    case .clusterAuthorizationFailed:
      if case .creation = self { "CREATE on the cluster" } else { "IDEMPOTENT_WRITE on the cluster" }
    default: nil
    }
  }

  private var onTopic: String? {
    switch self {
    case .configuration(let topic): "DESCRIBE_CONFIGS on topic \(topic)"
    case .creation(let topic): "CREATE on topic \(topic)"
    case .ends(let topics), .positions(_, let topics): "DESCRIBE on \(Self.list(topics))"
    case .commit(_, let topics, _), .reading(let topics): "READ on \(Self.list(topics))"
    case .records(let topics, _): "WRITE on \(Self.list(topics))"
    case .takeOver: nil
    }
  }

  private var onGroup: String? {
    switch self {
    case .positions(let group, _): "DESCRIBE on group \(group)"
    case .commit(let group, _, _): "READ on group \(group)"
    case .configuration, .creation, .ends, .takeOver, .records, .reading: nil
    }
  }

  private var onTransactionalID: String? {
    switch self {
    case .takeOver(let id), .commit(_, _, let id), .records(_, let id): "WRITE on transactional id \(id)"
    case .configuration, .creation, .ends, .positions, .reading: nil
    }
  }

  private static func list(_ topics: [String]) -> String {
    let names = Set(topics).sorted()
    if names.count == 1, let name = names.first { return "topic \(name)" }
    let more = names.count > 10 ? " and \(names.count - 10) more" : ""
    return "one of the topics \(names.prefix(10).joined(separator: ", "))\(more)"
  }
}
