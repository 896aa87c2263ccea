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
  private let configuration: KafkaConfiguration

  package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    self.configuration = configuration
    client = try Self.makeClient(configuration, .readUncommitted)
  }

  private static func makeClient(_ configuration: KafkaConfiguration, _ isolation: Isolation) throws(KafkaError)
    -> ClientHandle
  {
    try ClientHandle(
      .consumer,
      context: ClientContext(
        configuration.with(
          forced: [
            "isolation.level": isolation.rawValue, "allow.auto.create.topics": "false",
            // Of no consequence at the broker. Without one, librdkafka (2.0.2 to 2.10 at least) dereferences null when a fetch of positions
            // is answered "not coordinator": a broker's restart would end this process.
            "group.id": "thaw-admin",
          ])))
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

  package func close() {
    client.close()
    committed.withLock { $0?.close() }
  }
}
