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
  /// A third, for the positions of a group; made when first asked for.
  private let grouped = Locked<(group: String, client: ClientHandle)?>(nil)
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

  /// A handle of the group, without being a member of it, that is told stable positions only. The one asked for last is kept.
  func client(ofGroup group: String) throws(KafkaError) -> ClientHandle {
    if let client = grouped.withLock({ $0?.group == group ? $0?.client : nil }) { return client }
    let client = try makeClient(.readCommitted, group: group)
    let former = grouped.withLock { grouped in
      defer { grouped = (group, client) }
      return grouped
    }
    former?.client.close()
    return client
  }

  func makeClient(_ isolation: Isolation, group: String) throws(KafkaError) -> ClientHandle {
    try Self.makeClient(configuration, isolation, group: group)
  }

  package func close() {
    client.close()
    committed.withLock { $0?.close() }
    grouped.withLock { $0?.client.close() }
  }
}
