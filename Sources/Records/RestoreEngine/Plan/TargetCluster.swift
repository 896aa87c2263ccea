import ColdStorage
import Glibc
import Kafka
import RestoreModel

/// The target topics as the sink has them. Look-ups never create a topic: they go over the list of all topics and over configurations.
struct TargetCluster: ~Copyable {
  let admin: Admin
  /// Nil when its brokers tell none.
  let clusterID: String?
  private(set) var topics: [String: ClusterDescription.Topic]
  private(set) var configurations: [String: [String: String]] = [:]
  /// By target that can't be looked at: what the sink's user may not do.
  private(set) var lacking: [TopicName: String] = [:]
  /// Absent targets that a dry run takes as created.
  private var imagined: [TopicName: TargetTopic] = [:]

  static let timeout = Duration.seconds(15)

  init(_ assignment: Assignment) throws(WorkInterruption) {
    let admin = try Self.connect(assignment)
    let cluster = try Self.describe(admin)
    do { try assignment.check(clusterID: cluster.clusterID) } catch {
      throw WorkInterruption(error, doing: "asking which cluster the sink is")
    }
    topics = try Self.settled(cluster.topics, admin, assignment)
    clusterID = cluster.clusterID
    self.admin = admin
  }

  /// A broker may hear later than others of a topic that was just made: what is absent is looked for again before that is believed.
  private static func settled(
    _ known: [String: ClusterDescription.Topic], _ admin: Admin, _ assignment: Assignment
  ) throws(WorkInterruption) -> [String: ClusterDescription.Topic] {
    guard assignment.config.createTargets == .never else { return known }
    var topics = known
    let end = ContinuousClock.now + settlingTime
    while ContinuousClock.now < end, assignment.config.topics.contains(where: { topics[$0.target.text] == nil }) {
      do { try assignment.control.pause(.milliseconds(100)) } catch { throw .stopped }
      topics = try describe(admin).topics
    }
    return topics
  }

  private static let settlingTime = Duration.seconds(2)

  private static func connect(_ assignment: Assignment) throws(WorkInterruption) -> Admin {
    do {
      return try Admin(SinkConnection(assignment.item, policy: assignment.policy).configuration())
    } catch {
      throw WorkInterruption(error, doing: "connecting to the sink")
    }
  }

  private static func describe(_ admin: Admin) throws(WorkInterruption) -> ClusterDescription {
    do {
      return try admin.describeCluster(timeout: timeout)
    } catch {
      throw WorkInterruption(error, doing: "asking the sink for its topics")
    }
  }

  deinit { admin.close() }

  /// Creates the targets that are absent, as their sources were archived. Returns what could not be created.
  mutating func create(missing selected: [SelectedTopic]) throws(WorkInterruption) -> [String] {
    let refusals = try create(missing: selected, isDry: false)
    topics = try Self.describe(admin).topics
    return refusals
  }

  /// The same as far as the brokers say whether they would create them, and without it.
  mutating func imagine(missing selected: [SelectedTopic]) throws(WorkInterruption) -> [String] {
    for topic in selected where topics[topic.target.text] == nil {
      let new = Self.new(topic)
      imagined[topic.target] = TargetTopic(partitionCount: Int(new.partitions), configuration: new.configuration)
    }
    return try create(missing: selected, isDry: true)
  }

  func imagines(_ target: TopicName) -> Bool { imagined[target] != nil }

  private static func new(_ topic: SelectedTopic) -> NewTopic {
    NewTopic(
      topic.target.text, partitions: topic.archive.index.partitionCount,
      configuration: topic.archive.index.configuration.filter { !isOfItsCluster($0.key) })
  }

  private func create(missing selected: [SelectedTopic], isDry: Bool) throws(WorkInterruption) -> [String] {
    var refusals: [String] = []
    for topic in selected where topics[topic.target.text] == nil {
      do {
        if isDry {
          try admin.validateTopics([Self.new(topic)], timeout: Self.timeout)
        } else {
          try admin.createTopics([Self.new(topic)], timeout: Self.timeout)
        }
      } catch {
        switch error.code {
        case .topicAlreadyExists: break
        case .timedOut, .transport, .allBrokersDown, .requestTimedOut:
          throw WorkInterruption(error, doing: "creating \(topic.target)")
        default:
          let lacking = SinkAccess.creation(topic.target.text).lacking(error.code).map {
            "; the sink's user lacks \($0)"
          }
          refusals.append(
            "\(topic.target): it can't be created with the archived configuration: \(error.message)\(lacking ?? "")")
        }
      }
    }
    return refusals
  }

  /// Names brokers of the cluster it was read from.
  private static func isOfItsCluster(_ setting: String) -> Bool {
    setting.hasSuffix("replication.throttled.replicas")
  }

  /// Nil when there is no such topic, or none that may be looked at: then `lacking` says what is not allowed.
  mutating func target(_ name: TopicName) throws(WorkInterruption) -> TargetTopic? {
    let topic = topics[name.text]
    if topic == nil, let imagined = imagined[name] { return imagined }
    let end = ContinuousClock.now + Self.settlingTime
    while configurations[name.text] == nil {
      do {
        configurations[name.text] = try admin.describeConfig(.topic(name.text), timeout: Self.timeout)
          .compactMapValues(\.value)
      } catch {
        switch error.code {
        // Listed, but not known to the broker that was asked now.
        case .unknownTopicOrPartition where topic != nil && ContinuousClock.now < end: usleep(100_000)
        case .unknownTopicOrPartition: return nil
        case .topicAuthorizationFailed:
          let access = topic == nil ? "DESCRIBE and DESCRIBE_CONFIGS" : "DESCRIBE_CONFIGS"
          lacking[name] = "\(access) on topic \(name)\(topic == nil ? ", or there is none" : "")"
          return nil
        default: throw WorkInterruption(error, doing: "asking for the configuration of \(name)")
        }
      }
    }
    guard let topic else {
      // It has a configuration, so it is there.
      lacking[name] = "DESCRIBE on topic \(name)"
      return nil
    }
    return TargetTopic(partitionCount: topic.partitionCount, configuration: configurations[name.text] ?? [:])
  }
}

/// What matters of one target topic.
struct TargetTopic: Sendable {
  var partitionCount: Int
  var configuration: [String: String]

  /// Kafka's default, where a broker doesn't tell.
  static let defaultMaxMessageBytes: Int64 = 1_048_588

  var maxMessageBytes: Int64 {
    configuration["max.message.bytes"].flatMap { Int64($0) } ?? Self.defaultMaxMessageBytes
  }

  var isLogAppendTime: Bool { configuration["message.timestamp.type"] == "LogAppendTime" }

  var cleanupPolicy: Set<String> { Self.policies(configuration["cleanup.policy"] ?? "delete") }

  static func policies(_ text: String) -> Set<String> {
    Set(text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) })
  }
}
