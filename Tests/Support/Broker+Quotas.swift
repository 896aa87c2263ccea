import LocalBroker

extension Broker {
  /// Limits what clients of this id may produce, in bytes a second; the broker lets ten seconds' worth through at once.
  package func limit(client: String, bytesPerSecond: Int) throws {
    // Protocol page, "AlterClientQuotas", version 0: entries, each with its entity and what changes, and whether only to validate; the answer has a throttle
    // time, then of each entry its error.
    let entity = bigEndian(Int32(1)) + text("client-id") + text(client)
    let change = bigEndian(Int32(1)) + text("producer_byte_rate") + bigEndian(Double(bytesPerSecond).bitPattern) + [0]
    try ask(49, version: 0, bigEndian(Int32(1)) + entity + change + [0], errorAt: 12)
  }

  /// Has a partition's copies on these nodes only. Returns before it is so.
  package func reassign(_ topic: String, _ partition: Int32, to nodes: [Int32]) throws {
    // Protocol page, "AlterPartitionReassignments", version 0, which is a flexible one: tagged fields of the header, time-out, topics with their partitions
    // and copies; the answer has tagged fields, a throttle time and the error.
    func compact(_ count: Int) -> [UInt8] { [UInt8(count + 1)] }
    let copies = compact(nodes.count) + nodes.flatMap { bigEndian($0) }
    let place = compact(1) + bigEndian(partition) + copies + [0]
    let named = compact(1) + compact(topic.utf8.count) + Array(topic.utf8)
    try ask(45, version: 0, [0] + bigEndian(Int32(20_000)) + named + place + [0, 0], errorAt: 9)
  }
}
