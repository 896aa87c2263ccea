import ControlTopics
import JSON
import Kafka
import LocalBroker
import RestoreModel

import Glibc

extension DemoStage {
  func sample(_ admin: Admin) async throws {
    script.step("A topic to lose")
    try await topics.create(admin)
    try await topics.produce(kafka)
    let count = Figure.count(Int64(DemoTopics.partitions) * Int64(DemoTopics.recordsPerPartition), "record")
    script.say("Topic \(topics.source): \(count) in \(DemoTopics.partitions) partitions, timestamps of 2021,")
    script.say("some without key, some tombstones, headers that repeat or are null.")
    script.say("Topic \(topics.target): empty, as many partitions, retention.ms=-1 (the records are old).")
  }

  func archive() async throws {
    script.step("Into cold storage")
    try await run(["archive", topics.source, "--to", folder.file("archive")])
    try await run(["storage", "ls", folder.file("archive")])
  }

  func serve() async throws -> ChildProcess {
    script.step("The control topics, and the service")
    try await run(["topics", "create"])
    let arguments = ["serve", "--volume-root", folder.path, "--instance", "demo"]
    script.command("thaw \(arguments.joined(separator: " ")) &")
    let service = try program.start(arguments, log: Self.serviceLog)
    do {
      try await readiness(of: service)
    } catch {
      service.send(SIGKILL)
      throw error
    }
    return service
  }

  private func readiness(of service: ChildProcess) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while true {
      let said = folder.text(Self.serviceLog)
      if let line = said.split(separator: "\n").first(where: { $0.hasSuffix("is ready") }) {
        return script.say(String(line))
      }
      if let exit = service.exit { throw ShellFailure(.refused, "`thaw serve` ended at once: \(exit)") }
      guard ContinuousClock.now < end else {
        throw ShellFailure(.timedOut, "`thaw serve` was not ready within a minute")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  func documents() async throws {
    script.step("What to restore, as documents")
    let text = """
      apiVersion: kannika.io/v1alpha
      kind: Storage
      metadata: {name: archive}
      spec:
        volume: {path: \(folder.file("archive"))}
      ---
      apiVersion: kannika.io/v1alpha
      kind: EventHub
      metadata: {name: cluster}
      spec:
        kafka:
          properties: {bootstrap.servers: "\(broker.bootstrapServers)"}
      ---
      apiVersion: kannika.io/v1alpha
      kind: Restore
      metadata: {name: \(restore.name)}
      spec:
        source: archive
        sink: cluster
        enabled: false
        config:
          throttle: {bytesPerSecond: 600000}   # so that there is something to watch

      """
    let path = try folder.write(text, to: "demo.yaml")
    script.command("cat \(path)")
    script.output(text)
    try await run(["apply", "-f", path, "--timeout", "30s"])
    try await run(["get", "restores"])
  }

  /// Begins to follow before it asks: the whole restore takes a few seconds.
  func restoreIt() async throws {
    let client = try await context.ports.client(
      Connection(kafka: kafka, topicPrefix: naming.prefix, timeout: .seconds(10)))
    var states = client.states().makeAsyncIterator()
    guard var state = try await states.next() else { throw CancellationError() }
    try await ask()
    script.step("Following \(naming.name(of: .status))")
    var last = ""
    let end = ContinuousClock.now + .seconds(120)
    while true {
      if let status = state[restore]?.status {
        let line = ResourceRows.status(status) + ProgressDisplay.figures(status.progress)
        if line != last { script.say(line) }
        last = line
        if try Self.isOver(status) { break }
      }
      guard ContinuousClock.now < end else {
        throw ShellFailure(.timedOut, "\(restore): was not done within two minutes")
      }
      guard let next = try await states.next() else { throw CancellationError() }
      state = next
    }
    try await run(["get", "restores", "-o", "wide"])
  }

  /// No part of Thaw is needed to ask for something: a record in `commands` is all.
  private func ask() async throws {
    script.step("Asking with plain Kafka records, as any client can")
    let producer = try Producer(kafka)
    let commands: [CommandMessage.Body] = [
      .mapTopic(TopicMapping(source: TopicName(topics.source), target: TopicName(topics.target))), .enable,
    ]
    do {
      for command in commands {
        let value = CommandMessage(command).json.text(.compact)
        let topic = naming.name(of: .commands)
        script.command(
          "echo '\(restore)=\(value)' | kcat -P -b \(broker.bootstrapServers) -t \(topic) -K=")
        let position = try await producer.send(
          OutgoingRecord(topic: topic, key: Array(restore.description.utf8), value: Array(value.utf8)))
        script.say("at offset \(position.offset ?? -1) of \(topic)")
      }
    } catch {
      await producer.close()
      throw error
    }
    await producer.close()
  }

  /// Done and verified; throws when it can't become that any more.
  private static func isOver(_ status: ResourceStatus) throws -> Bool {
    for goal in [WaitGoal.phase(.done), .condition(.verified, .true)] {
      switch goal.judge(status) {
      case .reached: continue
      case .pending: return false
      case .impossible(let why): throw ShellFailure(.refused, "the restore will not be \(goal.text): \(why)")
      }
    }
    return true
  }

  func compare() async throws {
    script.step("Source and target, record by record")
    let result = try await DemoComparison(configuration: kafka, topics: topics).run()
    if let difference = result.difference {
      throw ShellFailure(.refused, "\(topics.source) and \(topics.target) differ: \(difference)")
    }
    script.say(
      "\(Figure.count(Int64(result.records), "record")) compared (\(Figure.count(Int64(result.withoutKey))) without key, "
        + "\(Figure.count(Int64(result.tombstones), "tombstone")), \(Figure.count(Int64(result.headers), "header"))):")
    script.say("keys, values, headers, timestamps and order are the same in every partition. ✅")
  }
}
