/// What the operator of the service allows, and how the engine works. Whoever may write `commands` must not gain the service's own
/// powers, so every path and every secret that a document names must lie under what is listed here.
package struct EnginePolicy: Sendable {
  /// A Storage's `volume.path` must resolve, symbolic links followed, to one of these directories or to something below it.
  package var volumeRoots: [String]
  /// Likewise for files that secrets or schema mappings are read from.
  package var secretRoots: [String]
  /// Only environment variables with this prefix may be named by a secret; nil: none.
  package var environmentPrefix: String?
  /// Prefix of transactional ids and groups in the sink: that of the control topics.
  package var prefix: String
  package var transactions: TransactionBounds
  /// For batches that are read ahead: shared by all lanes of the process.
  package let memory: MemoryShare
  /// Compresses for all lanes of the process.
  package let pool = PackingPool()
  /// For how long a sink or a storage out of reach is tried again before that is fatal.
  package var patience: Duration
  /// Between two tries: the first wait, and the longest.
  package var retryDelay = Duration.milliseconds(250)...Duration.seconds(15)
  /// Stored batches with fewer bytes of records are put together where that is allowed; nil: below what was measured to pay, which depends on the codec.
  package var mergesBelow: Int64?
  /// Positions of idle partitions are committed again after so long, since brokers expire them per partition (`offsets.retention.minutes`).
  package var positionsRefresh: Duration

  /// - Parameters:
  ///   - memoryPerLane: bytes of batches that one lane holds at most, beyond a single batch.
  ///   - memory: the same of all lanes together.
  package init(
    volumeRoots: [String] = [], secretRoots: [String] = [], environmentPrefix: String? = nil, prefix: String = "thaw.",
    transactions: TransactionBounds = TransactionBounds(), memoryPerLane: Int = 64 << 20, memory: Int = 160 << 20,
    patience: Duration = .seconds(600), positionsRefresh: Duration = .seconds(86_400)
  ) {
    self.volumeRoots = volumeRoots
    self.secretRoots = secretRoots
    self.environmentPrefix = environmentPrefix
    self.prefix = prefix
    self.transactions = transactions
    self.memory = MemoryShare(total: memory, most: memoryPerLane)
    self.patience = patience
    self.positionsRefresh = positionsRefresh
  }
}

/// A restoring topic must not stall its live readers (they see nothing behind an open transaction), nor may a transaction time out.
package struct TransactionBounds: Sendable, Hashable {
  /// 1 to 5 s.
  package var interval: Duration
  /// Of key, value and headers.
  package var bytes: Int
  package var partitions: Int
  /// Librdkafka's `transaction.timeout.ms`: after that the broker aborts by itself.
  package var timeout: Duration

  package init(
    interval: Duration = .seconds(1), bytes: Int = 256 << 20, partitions: Int = 64, timeout: Duration = .seconds(60)
  ) {
    self.interval = interval
    self.bytes = max(1, bytes)
    self.partitions = max(1, partitions)
    self.timeout = timeout
  }
}
