import ControlTopics
import RestoreModel

extension DemoStage {
  func history() async throws {
    script.step("What happened, and the receipt")
    try await run(["events", restore.name])
    guard let receipt = try await receipt() else {
      throw ShellFailure(.refused, "\(restore): there is no receipt of a verification in \(naming.name(of: .events))")
    }
    script.say("")
    script.say("The receipt: \(receipt.verdict.rawValue), \(receipt.message)")
    var table = Table(["TARGET", "PARTITION", "OFFSETS", "RECORDS", "DIGEST EXPECTED", "DIGEST FOUND"])
    for partition in receipt.partitions {
      table.add([
        partition.topic.text, String(partition.partition), "\(partition.firstOffset)..\(partition.lastOffset)",
        Figure.count(partition.found.records), String(partition.expected.rest.prefix(16)),
        String(partition.found.rest.prefix(16)),
      ])
    }
    for line in table.lines { script.say(line) }
  }

  private func receipt() async throws -> VerificationReceipt? {
    let client = try await context.ports.client(
      Connection(kafka: kafka, topicPrefix: naming.prefix, timeout: .seconds(10)))
    var found: VerificationReceipt?
    for try await record in client.events(from: 0, of: restore, follow: false) {
      if case .runVerified(let receipt) = record.event.content { found = receipt }
    }
    return found
  }

  func byHand() {
    script.step("The same by hand")
    script.say("export THAW_BOOTSTRAP_SERVERS=localhost:9092     # your cluster")
    script.say("thaw topics create")
    script.say("thaw serve --volume-root /backups                # in a terminal of its own")
    script.say("thaw archive orders --to /backups/archive")
    script.say("thaw apply -f restore.yaml                       # Storage, EventHub and Restore, as above")
    script.say("thaw map orders orders=orders-copy && thaw enable orders")
    script.say("thaw wait orders --for condition=Verified")
    script.say("thaw describe restore orders")
  }
}
