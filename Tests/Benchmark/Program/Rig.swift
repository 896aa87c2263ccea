import Glibc
import Kafka
import LocalBroker
import Threads

/// The broker that is measured on, and a folder for archives.
final class Rig: Sendable {
  let servers: String
  let directory: String
  /// Nil when its processor time can't be told.
  let brokerID: Int32?
  private let node: BrokerNode?
  /// Those made so far and not deleted yet.
  private let topics = Locked([String]())

  /// A broker that runs already.
  init(servers: String, brokerID: Int32?, directory: String) {
    (self.servers, self.brokerID, self.directory, node) = (servers, brokerID, directory, nil)
  }

  /// Apache Kafka with the settings of its own start script, on data in `directory`.
  init(home: String, directory: String) async throws {
    // What the tests' brokers do more often, or with fewer threads, than one in use.
    var broker = try ApacheKafkaBroker(
      home: home,
      properties: [
        "num.network.threads": "3", "num.io.threads": "8", "log.cleaner.dedupe.buffer.size": "134217728",
        "log.cleaner.backoff.ms": "15000", "log.retention.check.interval.ms": "300000",
        "log.initial.task.delay.ms": "30000",
      ])
    broker.machine = .production
    let node = try await broker.start(directory: "\(directory)/broker")
    (servers, brokerID, self.directory, self.node) = (node.bootstrapServers, node.processID, directory, node)
  }

  func stop() async { await node?.stop() }

  var configuration: KafkaConfiguration { KafkaConfiguration(bootstrapServers: servers) }

  /// New ones, of one partition, that keep whatever they are sent.
  func makeTopics(_ count: Int) throws -> [String] {
    let names = (0..<count).map { "bench-\($0)-\(UInt64.random(in: 0 ... .max))" }
    let admin = try Admin(configuration)
    defer { admin.close() }
    let settings = ["retention.ms": "-1", "file.delete.delay.ms": "1000"]
    try admin.createTopics(
      names.map { NewTopic($0, partitions: 1, replication: 1, configuration: settings) }, timeout: .seconds(60))
    topics.withLock { $0 += names }
    return names
  }

  /// Between rows, for the disk; between the rounds of one it would disturb them.
  func deleteTopics() throws {
    let names = topics.withLock { names in
      defer { names = [] }
      return names
    }
    guard !names.isEmpty else { return }
    let admin = try Admin(configuration)
    defer { admin.close() }
    try admin.deleteTopics(names, timeout: .seconds(60))
  }

  /// Throws unless each topic comes to hold so many committed records, counting the markers of transactions as more. A commit is answered before its
  /// markers are written.
  func check(_ topics: [String], hold records: Int64) throws {
    let admin = try Admin(configuration)
    defer { admin.close() }
    for topic in topics {
      let deadline = ContinuousClock.now + .seconds(30)
      while true {
        let marks = try admin.watermarks(
          of: TopicPartition(topic, 0), isolation: .readCommitted, timeout: .seconds(30))
        if marks.high - marks.low >= records { break }
        guard ContinuousClock.now < deadline else {
          throw Wrong("\(topic) holds \(marks.high - marks.low) records, not \(records)")
        }
        usleep(10_000)
      }
    }
  }
}
