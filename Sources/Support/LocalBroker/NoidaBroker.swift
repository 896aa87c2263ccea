import Glibc

/// noida-db: one small binary that speaks Kafka's protocol, on PyPI. Good for a demo and for tests that need no durability: it saves
/// its state about a second after a change, so a crash right after an acknowledgement loses data.
package enum NoidaBroker {
  /// - Parameters:
  ///   - binary: `noida-db` itself, out of the wheel's `site-packages/noida_db`; the Python wrapper of that name would leave the
  ///     broker running when it is killed.
  ///   - directory: its data, and its log `broker.log`; made when missing.
  package static func start(
    binary: String, directory: String, port: UInt16? = nil, timeout: Duration = .seconds(20)
  ) async throws -> BrokerNode {
    mkdir(directory, 0o755)
    let port = try port ?? LoopbackPort.free()
    return try await BrokerNode(
      BrokerRecipe(
        executable: binary,
        arguments: [
          "start", "--only", "kafka", "--kafka-port", "\(port)", "--host", "127.0.0.1", "--data-dir", directory,
        ], port: port, log: "\(directory)/broker.log"), timeout: timeout)
  }
}
