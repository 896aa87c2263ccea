import ControlPlane
import ControlTopics
import Glibc
import Kafka
import RestoreModel
import Threads

/// Creates and checks the control topics: `thaw topics create`, `thaw topics check`.
package struct TopicsAdministration: Sendable {
  package struct Report: Sendable, Equatable {
    /// Names of the topics that were created now.
    package var created: [String]
    package var installation: String
    /// The installation's record was written now.
    package var isNew: Bool
    /// What is not as it should be, and can be mended: for people.
    package var warnings: [String]
  }

  private let settings: KafkaLogSettings

  package init(_ settings: KafkaLogSettings) { self.settings = settings }

  /// Everything that is wrong, each with its remedy; empty when all is well.
  package func check() async throws -> [String] {
    let settings = settings
    return try await NamedThread.run("thaw-topics") {
      let admin = try Admin(settings.kafka)
      defer { admin.close() }
      return try TopicCheck(settings: settings, admin: admin)
        .problems(in: admin.describeCluster(timeout: settings.requestTimeout))
    }
  }

  /// Creates what is missing, then the installation's first record if there is none. Safe to repeat, and to break off anywhere.
  ///
  /// Two of these at the same time are told apart by the transactional id of the owner, which both take: the later one sees what the earlier
  /// one wrote. For the same reason a running owner only loses a term by it.
  package func create() async throws -> Report {
    let settings = settings
    return try await NamedThread.run("thaw-topics") {
      let admin = try Admin(settings.kafka)
      defer { admin.close() }
      let created = try Self.createMissing(settings, admin)
      let warnings = CopiesWarning.of(try Self.awaitTopics(settings, admin), settings.naming).map { [$0] } ?? []
      if let installation = try Self.installation(settings, admin) {
        return Report(created: created, installation: installation, isNew: false, warnings: warnings)
      }
      let (installation, isNew) = try Self.writeInstallation(settings, admin)
      return Report(created: created, installation: installation, isNew: isNew, warnings: warnings)
    }
  }

  private static func createMissing(_ settings: KafkaLogSettings, _ admin: Admin) throws -> [String] {
    let cluster = try admin.describeCluster(timeout: settings.requestTimeout)
    let missing = ControlTopicDefinition.all.filter { cluster.topics[settings.name($0.topic)] == nil }
    let copies = ControlTopicDefinition.replicationFactor(brokers: cluster.knownBrokers.count)
    return try missing.filter { try create($0, copies: copies > 1 ? 3 : 1, settings, admin) }
      .map { settings.name($0.topic) }
  }

  /// With as many copies as are wanted, also while a broker is away: a controller of KRaft keeps its copy for it. With fewer only where the cluster refuses more.
  /// False if somebody else was faster.
  private static func create(
    _ definition: ControlTopicDefinition, copies: Int, _ settings: KafkaLogSettings, _ admin: Admin
  ) throws -> Bool {
    let topic = NewTopic(
      settings.name(definition.topic), partitions: Int32(definition.partitions), replication: Int32(copies),
      configuration: Dictionary(definition.configuration(brokers: copies).map { ($0.name, $0.value) }) { $1 })
    do { return try create(topic, admin, settings.requestTimeout) } catch let error as KafkaError {
      guard error.code == .invalidReplicationFactor, copies > 1 else { throw error }
      return try create(definition, copies: copies - 1, settings, admin)
    }
  }

  /// A broker may not know yet what another one has just created, and each question may go to another.
  private static func awaitTopics(_ settings: KafkaLogSettings, _ admin: Admin) throws -> ClusterDescription {
    let end = ContinuousClock.now + settings.requestTimeout
    let check = TopicCheck(settings: settings, admin: admin)
    while true {
      let isLast = ContinuousClock.now >= end
      let cluster = try admin.describeCluster(timeout: settings.requestTimeout)
      let areListed = ControlTopic.allCases.allSatisfy { cluster.topics[settings.name($0)] != nil }
      do {
        if areListed || isLast {
          try check.require(in: cluster)
          return cluster
        }
      } catch let error as KafkaError where error.code == .unknownTopicOrPartition && !isLast {}
      usleep(50_000)
    }
  }

  /// False if somebody else was faster.
  private static func create(_ topic: NewTopic, _ admin: Admin, _ timeout: Duration) throws -> Bool {
    let topics = [topic]
    let result = Result { () throws(KafkaError) in try admin.createTopics(topics, timeout: timeout) }
    if case .failure(let error) = result, error.code == .topicAlreadyExists { return false }
    try result.get()
    return true
  }

  /// What `specs` says now; nil when it is empty.
  private static func installation(_ settings: KafkaLogSettings, _ admin: Admin) throws -> String? {
    let decoder = Locked(StateDecoder())
    _ = try TopicReplay(
      settings: settings, admin: admin, topic: .specs, headers: .owners,
      mayGoOn: { stalled in
        if stalled > settings.requestTimeout + settings.transactionTimeout {
          throw ControlLogFailure("\(settings.name(.specs))-0 can't be read to its end: somebody's transaction is open")
        }
      }, whenBlocked: { _ in }
    ).run(from: nil) { records in
      try decoder.withLock { decoder in for record in records { try decoder.apply(record) } }
    }
    return decoder.withLock { $0.state.installation }
  }

  private static func writeInstallation(
    _ settings: KafkaLogSettings, _ admin: Admin
  ) throws -> (installation: String, isNew: Bool) {
    let producer = try TransactionalProducer(settings.kafka, transactionalID: settings.naming.owner)
    defer { producer.close() }
    try producer.initTransactions(timeout: settings.requestTimeout)
    // Asked again under the fence: whoever was writing it has finished, or never will.
    if let installation = try installation(settings, admin) { return (installation, false) }
    let installation = randomUUID()
    let record = RecordEncoder(installation: installation, epoch: 0).installation(sequence: 0)
    try producer.begin()
    try producer.produce(record.kafka(in: settings.naming))
    try producer.commit(timeout: settings.requestTimeout)
    return (installation, true)
  }

  /// Version 4 of RFC 9562, from the system's generator.
  private static func randomUUID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }
}
