import CommandLineParser
import ControlTopics
import JSON
import Kafka
import LocalBroker
import RestoreModel

import Glibc

/// One play of the demo against a broker that answers.
struct DemoStage: Sendable {
  static let serviceLog = "serve.log"

  let context: Context
  let folder: DemoFolder
  let broker: DemoBroker
  let script: DemoScript
  let kafka: KafkaConfiguration
  let topics: DemoTopics
  let naming: TopicNaming
  let program: DemoProgram
  let restore = ResourceKey(.restore, name: "orders")

  init(_ context: Context, _ folder: DemoFolder, _ broker: DemoBroker, _ script: DemoScript) throws {
    self.context = context
    self.folder = folder
    self.broker = broker
    self.script = script
    // On a cluster that isn't ours nothing may get in the way of what is there.
    let mark = broker.node == nil ? "demo-\(String(UInt32.random(in: .min ... .max), radix: 36))-" : ""
    topics = DemoTopics(source: "\(mark)orders", target: "\(mark)orders-copy")
    naming = TopicNaming(prefix: broker.node == nil ? "thaw-\(mark)" : TopicNaming.defaultPrefix)
    var properties: [String: String] = [:]
    for (key, value) in try context.invocation.pairs("property") { properties[key] = value }
    kafka = KafkaConfiguration(bootstrapServers: broker.bootstrapServers, properties: properties)
    program = try DemoProgram(
      context, folder,
      settings: [
        "THAW_BOOTSTRAP_SERVERS": broker.bootstrapServers, "THAW_TOPIC_PREFIX": naming.prefix,
        "THAW_PROPERTY": properties.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n"),
      ])
  }

  func play() async throws {
    let admin = try Admin(kafka)
    defer { admin.close() }
    var service: ChildProcess?
    var settings = "export THAW_BOOTSTRAP_SERVERS=\(broker.bootstrapServers)"
    if naming.prefix != TopicNaming.defaultPrefix { settings += " THAW_TOPIC_PREFIX=\(naming.prefix)" }
    script.command(settings)
    do {
      try await sample(admin)
      try await archive()
      let started = try await serve()
      service = started
      try await documents()
      try await restoreIt()
      try await history()
      try await compare()
      byHand()
    } catch {
      await stop(service)
      if !(error is CancellationError) {
        let log = folder.text(Self.serviceLog)
        if !log.isEmpty { context.terminal.noteRaw("--- what `thaw serve` said\n\(log)---\n") }
      }
      await forget(admin)
      throw error
    }
    await stop(service)
    await forget(admin)
  }

  /// Runs to its end even when the demo itself was cancelled.
  private func stop(_ service: ChildProcess?) async {
    guard let service else { return }
    service.send(SIGTERM)
    await Task {
      let force = Task {
        try await Task.sleep(for: .seconds(15))
        service.send(SIGKILL)
      }
      await service.ended()
      force.cancel()
    }.value
  }

  /// A cluster that isn't ours is left as it was found.
  private func forget(_ admin: Admin) async {
    guard broker.node == nil else { return }
    let names = [topics.source, topics.target] + ControlTopic.allCases.map(naming.name)
    await Task {
      for name in names { try? await admin.onThread { try $0.deleteTopics([name], timeout: .seconds(10)) } }
    }.value
  }

  func run(_ arguments: [String]) async throws {
    script.command("thaw \(arguments.joined(separator: " "))")
    script.output(try await program.run(arguments))
  }
}
