import Glibc
import LocalBroker

/// What an entry of the access control list is about, in Kafka's numbers (`ResourceType`).
package enum GuardedResource: Int8, Sendable { case topic = 2, group = 3, cluster = 4, transactionalID = 5 }

/// Kafka's numbers (`AclOperation`).
package enum AccessOperation: Int8, Sendable {
  case all = 2, read = 3, write = 4, create = 5, describe = 8, describeConfigs = 10, idempotentWrite = 12
}

extension Broker {
  /// What makes a broker ask who may do what, and allow everybody what nothing is said of.
  package static let guarded = [
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
  ]

  /// Denies everybody an operation on whatever begins with `prefix`, and allows all else there. Returns when it holds.
  package func deny(_ operation: AccessOperation, on resource: GuardedResource, _ prefix: String) throws {
    // Protocol page, "CreateAcls", version 1: the entries; the answer has a throttle time, then of each entry error and message.
    for (operation, permission) in [(AccessOperation.all, Int8(3)), (operation, 2)] {
      let entry = pattern(resource, prefix) + text("User:ANONYMOUS") + text("*")
      try ask(
        30, version: 1, bigEndian(Int32(1)) + entry + byte(operation.rawValue) + byte(permission), errorAt: 12)
    }
    try awaitEntries(2, resource, prefix)
  }

  /// Takes that back. Returns when it holds.
  package func allow(_ resource: GuardedResource, _ prefix: String) throws {
    // Protocol page, "DeleteAcls", version 1: filters, here of any principal, host, operation and permission; the answer as above.
    try ask(31, version: 1, bigEndian(Int32(1)) + filter(resource, prefix), errorAt: 12)
    try awaitEntries(0, resource, prefix)
  }

  /// The controller has it before the broker does that asks.
  private func awaitEntries(_ count: UInt8, _ resource: GuardedResource, _ prefix: String) throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      // Protocol page, "DescribeAcls", version 1: a filter; the answer has a throttle time, error, message, then resources, each with type, name, kind of
      // pattern and entries.
      let reply = try ask(29, version: 1, filter(resource, prefix), errorAt: 8)
      let resources = reply.dropFirst(12).prefix(4).reduce(0) { $0 << 8 | Int($1) }
      let found = resources == 0 ? 0 : reply.dropFirst(16 + 1 + 2 + prefix.utf8.count + 1).prefix(4).last ?? 0
      if found == count { return }
      guard ContinuousClock.now < deadline else {

        throw Missing(description: "\(found) entries of \(prefix), not \(count)")

      }
      usleep(10_000)
    }
  }

  /// Of the kind "prefixed".
  private func pattern(_ resource: GuardedResource, _ prefix: String) -> [UInt8] {
    byte(resource.rawValue) + text(prefix) + byte(4)
  }

  private func filter(_ resource: GuardedResource, _ prefix: String) -> [UInt8] {
    pattern(resource, prefix) + bigEndian(Int16(-1)) + bigEndian(Int16(-1)) + byte(1) + byte(1)
  }

  private func byte(_ number: Int8) -> [UInt8] { [UInt8(bitPattern: number)] }
}
