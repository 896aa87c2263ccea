import CLibrdkafka
import Threads

/// Topics, configurations, groups and offsets of a cluster. Calls block, each at most for its `timeout`.
///
/// Nothing here creates a topic by looking for it: look-ups go over the list of all topics.
package final class Admin: BlockingClient {
  /// A consumer's handle that reads uncommitted records: asked for a partition's end, it gets the true one.
  let client: ClientHandle
  /// A second handle, for the last stable offset; made when first asked for.
  private let committed = Locked<ClientHandle?>(nil)
  /// A third, for what a group's coordinator answers; made when first asked for.
  private let grouped = Locked<ClientHandle?>(nil)
  private let configuration: KafkaConfiguration

  package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    self.configuration = configuration
    client = try Self.makeClient(configuration, .readUncommitted)
  }

  private static func makeClient(
    _ configuration: KafkaConfiguration, _ isolation: Isolation, group: String? = nil
  ) throws(KafkaError) -> ClientHandle {
    var forced = ["isolation.level": isolation.rawValue, "allow.auto.create.topics": "false"]
    if let group { forced["group.id"] = group }
    return try ClientHandle(.consumer, context: ClientContext(configuration.with(forced: forced)))
  }

  func client(_ isolation: Isolation) throws(KafkaError) -> ClientHandle {
    guard isolation == .readCommitted else { return client }
    return try committed.withLock { committed throws(KafkaError) in
      if let committed { return committed }
      let client = try Self.makeClient(configuration, isolation)
      committed = client
      return client
    }
  }

  /// Has a group, without being a member of it: when a coordinator answers that it is none any more, librdkafka (all releases up to 2.16 at
  /// least, its issue 5040) asks the handle's own group for another, and crashes where there is no group.
  func client(ofGroup group: String) throws(KafkaError) -> ClientHandle {
    try grouped.withLock { grouped throws(KafkaError) in
      if let grouped { return grouped }
      let client = try Self.makeClient(configuration, .readCommitted, group: group)
      grouped = client
      return client
    }
  }

  package func close() {
    client.close()
    committed.withLock { $0?.close() }
    grouped.withLock { $0?.close() }
  }
}
