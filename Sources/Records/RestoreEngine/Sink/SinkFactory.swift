import Kafka
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
      let sizes = KafkaRecordSink.Sizes(
        maxMessageBytes: lane.maxMessageBytes,
        largestRecord: largestRecord, slots: slots)
      let sink = try KafkaRecordSink(
        configuration, transactionalID: assignment.isExactlyOnce ? assignment.names.transactionalID(lane.id) : nil,
        sizes, assignment.policy.transactions,
        RecordChanges(assignment.config, schemas: try assignment.config.schemas(assignment.policy)))
      do { try assignment.check(clusterID: sink.clusterID(timeout: TargetCluster.timeout)) } catch {
        sink.close()
        throw error
      }
      return sink
    },
    checkTopic: { assignment, topic, hasBegun throws(WorkInterruption) in
      try TopicCheck(assignment).run(topic, hasBegun: hasBegun)
    })

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
