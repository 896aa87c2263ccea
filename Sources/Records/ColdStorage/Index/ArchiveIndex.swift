/// `archive.json`: what is archived of one topic.
package struct ArchiveIndex: Hashable, Sendable {
  package static let file = "archive.json"
  package static let version: Int64 = 1

  package var topic: String
  /// As the cluster shows it (KIP-516); nil when the client could not learn it.
  package var topicID: String?
  package var partitionCount: Int32
  /// What the source topic's configuration said beyond the broker's defaults, in Kafka's names.
  package var configuration: [String: String]
  /// When the last capture began, in milliseconds of Unix time.
  package var capturedAt: Int64
  /// By partition: the log's start and, exclusive, the high watermark when the last capture began.
  package var bounds: [Range<Int64>]

  package init(
    topic: String, topicID: String? = nil, partitionCount: Int32, configuration: [String: String], capturedAt: Int64,
    bounds: [Range<Int64>]
  ) {
    self.topic = topic
    self.topicID = topicID
    self.partitionCount = partitionCount
    self.configuration = configuration
    self.capturedAt = capturedAt
    self.bounds = bounds
  }
}
