/// `spec` of a Restore. Defaults are those of a document that leaves the field out.
package struct RestoreSpec: Hashable, Sendable {
  /// Name of a Storage, in the Restore's own namespace.
  package var source: String
  /// Name of an EventHub, in the Restore's own namespace.
  package var sink: String
  /// The only switch that starts work.
  package var enabled = false
  package var description: String?
  /// Names of Credentials, in the Restore's own namespace.
  package var sourceCredentials: String?
  package var sinkCredentials: String?
  package var sourceAdditionalProperties: [String: String] = [:]
  package var sinkAdditionalProperties: [String: String] = [:]
  package var config = RestoreConfig()

  package init(source: String, sink: String) {
    self.source = source
    self.sink = sink
  }
}

/// `spec.config` of a Restore.
package struct RestoreConfig: Hashable, Sendable {
  /// Unique by target, in the order of the document.
  package var topics: [TopicMapping] = []
  /// Topics restored at the same time; at least 1.
  package var parallelism = 1
  /// Producers used at the same time; 0: as many as there are.
  package var maxProducers = 1
  /// Key of the header that carries the original offset, as a decimal string.
  package var legacyOffsetHeader: String?
  /// Records with a timestamp at or after this (inclusive); its own spelling is kept beside `filters`.
  package var restoreFromDateTime: Instant?
  /// Records with a timestamp before this (exclusive).
  package var restoreUntilDateTime: Instant?
  /// The newer spelling of the two above (`filters.time.absolute.fromDateTime`, `.toDateTime`), which wins.
  package var filterFromDateTime: Instant?
  package var filterToDateTime: Instant?
  package var schemaMapping: [Int32: Int32] = [:]
  package var schemaMappingFrom: SchemaMappingReference?
  package var onUnmappedSchema = OnUnmappedSchema.pass
  package var createTargets = CreateTargets.never
  package var delivery = Delivery.exactlyOnce
  /// Bytes of key, value and headers a second, uncompressed, for the whole Restore.
  package var throttleBytesPerSecond: Int64?
  package var verify = Verify.digest
  package var onZeroTimestamp = OnZeroTimestamp.nearest
  package var recordPath = RecordPath.auto

  package init() {}

  /// The time bounds in force: from inclusive, until exclusive, milliseconds.
  package var timeBounds: (from: Instant?, until: Instant?) {
    (filterFromDateTime ?? restoreFromDateTime, filterToDateTime ?? restoreUntilDateTime)
  }
}

/// One entry of `config.topics`.
package struct TopicMapping: Hashable, Sendable {
  package var source: TopicName
  package var target: TopicName
  package var disablePreflightChecks = false
  /// Nil: every partition, whole. Else the partitions not listed are not restored. Unique by number.
  package var partitions: [PartitionSelection]?

  package init(source: TopicName, target: TopicName) {
    self.source = source
    self.target = target
  }
}

/// One entry of `config.topics[].partitions`.
package struct PartitionSelection: Hashable, Sendable {
  package var number: Int32
  /// Inclusive; nil: from the first.
  package var restoreFromOffset: Int64?
  /// Exclusive; nil: to the last.
  package var restoreUntilOffset: Int64?

  package init(number: Int32, restoreFromOffset: Int64? = nil, restoreUntilOffset: Int64? = nil) {
    self.number = number
    self.restoreFromOffset = restoreFromOffset
    self.restoreUntilOffset = restoreUntilOffset
  }
}

/// Where `schemaMappingFrom` points: a file under the operator's roots (a mounted ConfigMap is one too).
package struct SchemaMappingReference: Hashable, Sendable {
  package var file: String
  package init(file: String) { self.file = file }
}

package enum OnUnmappedSchema: String, CaseIterable, Sendable { case pass, fail, skip }
package enum CreateTargets: String, CaseIterable, Sendable { case never, missing }
package enum Delivery: String, CaseIterable, Sendable {
  case exactlyOnce = "exactly-once"
  case atLeastOnce = "at-least-once"
}
package enum Verify: String, CaseIterable, Sendable { case digest, count, none }
/// librdkafka takes timestamp 0 for "now": `nearest` sends 1 ms instead and counts it, `fail` fails the run. It matters only where records go through
/// librdkafka (see `RecordPath`): stored batches go on with timestamps 0 and −1 unchanged.
package enum OnZeroTimestamp: String, CaseIterable, Sendable { case nearest, fail }
/// How records get into the sink. `auto`: stored batches go on unopened where the sink's listener is plain, else each record through librdkafka;
/// `perRecord`: always the latter.
package enum RecordPath: String, CaseIterable, Sendable { case auto, perRecord }
