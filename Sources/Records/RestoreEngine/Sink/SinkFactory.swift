import Kafka
import KafkaProtocol
import Logging
import RestoreModel

/// Opens what a lane sends to. Tests put their own in its place.
package struct SinkFactory: Sendable {
  let openSink: @Sendable (Assignment, PlannedLane, _ largestRecord: Int64, _ slots: Int) throws -> any RecordSink
  let checkTopic: @Sendable (Assignment, SelectedTopic, _ hasBegun: Bool) throws(WorkInterruption) -> Void

  package static let kafka = SinkFactory(
    openSink: { assignment, lane, largestRecord, slots in
      let logger = assignment.logger
      let configuration = try SinkConnection(assignment.item, policy: assignment.policy).configuration { line in
        logger.log(
          line.level <= 3 ? .warning : .debug, "librdkafka", ["facility": line.facility, "message": line.message])
      }
      let sink = try open(assignment, lane, largestRecord: largestRecord, slots: slots, configuration)
      do { try assignment.check(clusterID: sink.clusterID(timeout: TargetCluster.timeout)) } catch {
        sink.close()
        throw error
      }
      return sink
    },
    checkTopic: { assignment, topic, hasBegun throws(WorkInterruption) in
      try TopicCheck(assignment).run(topic, hasBegun: hasBegun)
    })

  private static func open(
    _ assignment: Assignment, _ lane: PlannedLane, largestRecord: Int64, slots: Int, _ configuration: KafkaConfiguration
  ) throws -> any RecordSink {
    let transactionalID = assignment.isExactlyOnce ? assignment.names.transactionalID(lane.id) : nil
    let bounds = assignment.policy.transactions
    let changes = RecordChanges(assignment.config, schemas: try assignment.config.schemas(assignment.policy))
    var obstacle = assignment.obstacle(over: configuration)
    if obstacle == nil {
      let rules = WireRules(
        changes: changes, maxMessageBytes: Int(clamping: lane.maxMessageBytes), transactionBytes: bounds.bytes,
        throttle: assignment.throttle, mergesBelow: assignment.policy.mergesBelow,
        codecs: assignment.known.refusedCodecs.accepted)
      let sink = try ReplaySink(configuration, transactionalID: transactionalID, slots: slots, bounds, rules)
      do { obstacle = try sink.obsolescence(timeout: TargetCluster.timeout) } catch {
        sink.close()
        throw error
      }
      if obstacle == nil {
        assignment.logger.info("stored batches go on unopened", ["lane": "\(lane.id)"])
        return sink
      }
      sink.close()
    }
    assignment.logger.info("records go one by one", ["lane": "\(lane.id)", "because": obstacle ?? ""])
    let sizes = KafkaRecordSink.Sizes(
      maxMessageBytes: lane.maxMessageBytes, largestRecord: largestRecord, slots: slots)
    return try KafkaRecordSink(configuration, transactionalID: transactionalID, sizes, bounds, changes)
  }

  /// - Parameter largestRecord: of what will be sent, as a batch of its own; bytes.
  func open(
    _ assignment: Assignment, _ lane: PlannedLane, largestRecord: Int64, slots: Int
  ) throws -> any RecordSink {
    try openSink(assignment, lane, largestRecord, slots)
  }

  /// The preflight of a topic whose turn has come, for the first time or, when it `hasBegun`, after another take-over.
  func check(_ assignment: Assignment, _ topic: SelectedTopic, hasBegun: Bool) throws(WorkInterruption) {
    try checkTopic(assignment, topic, hasBegun)
  }
}

extension Assignment {
  /// Whether stored batches go on unopened, to a sink that is reached like this. Brokers older than Kafka 2.5 still can't take them.
  func replays(over configuration: KafkaConfiguration) -> Bool { obstacle(over: configuration) == nil }

  /// Why records go one by one.
  fileprivate func obstacle(over configuration: KafkaConfiguration) -> String? {
    config.recordPath == .perRecord ? "config.recordPath says so" : ClientSettings.refusal(of: configuration)
  }
}
