import Kafka

/// Where the records of a lane go. A sink is given batches, never single records: one that can send a stored batch on unopened needs
/// them whole. All calls come from the lane's one thread.
protocol RecordSink: AnyObject {
  /// What it is to be given.
  var form: BatchForm { get }

  /// Of the cluster that it sends to; nil when its brokers tell none.
  func clusterID(timeout: Duration) throws(KafkaError) -> String?

  /// Fences whoever sent under this lane's name before, and ends what they left open. Nothing of theirs becomes visible after it.
  func takeOver(timeout: Duration) throws(KafkaError)

  /// The partitions that these topics have; none of a topic that doesn't exist.
  func partitions(of topics: [String], timeout: Duration) throws(KafkaError) -> [TopicPartition]

  /// The positions committed for these partitions, stable ones: never what a transaction still under way will replace. Absent where
  /// there is none.
  func positions(
    of partitions: [TopicPartition], group: String, timeout: Duration
  ) throws(KafkaError) -> [TopicPartition: CommittedPosition]

  /// The number under which a partition is sent to.
  func target(_ partition: TopicPartition) throws(KafkaError) -> Int

  func begin() throws(KafkaError)

  /// Sends what it can of a batch to a target, from where it stopped the last time. `budget` is what may still be sent, in bytes of key,
  /// value and headers: one record at least is sent as long as it is above 0, and takes it below 0 if it must.
  func send(_ batch: LoadedBatch, to target: Int, _ tally: inout SendTally, budget: inout Int) throws -> SendOutcome

  /// The transaction ends before the batch does: brings the tally's digest up to what was sent of it.
  func cut(_ batch: LoadedBatch, _ tally: inout SendTally) throws

  /// Serves acknowledgements, waiting up to `timeout` for the first. Throws a failed delivery.
  func poll(timeout: Duration) throws(KafkaError)

  /// Waits until everything sent is acknowledged. Throws a failed delivery, or a time-out.
  func drain(timeout: Duration) throws(KafkaError)

  /// Everything that it was given is on its way: it could send more.
  var wantsMore: Bool { get }

  /// Records of this slot's batch that are not acknowledged yet: their memory must stay as it is.
  func outstanding(inSlot slot: Int) -> Int

  /// What a target acknowledged since the last time this was asked.
  func takeAcknowledged(_ target: Int) -> AcknowledgedRange

  /// The offset behind each partition's last record, whether it is visible yet or not.
  func ends(of partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [TopicPartition: Int64]

  /// Puts positions beside the records sent since `begin`.
  func send(positions: [TopicPartition: CommittedPosition], group: String, timeout: Duration) throws(KafkaError)

  /// Makes records and positions visible together.
  func commit(timeout: Duration) throws(KafkaError)

  /// Takes back what was sent since `begin`. Where it can't, the next owner's take-over does, or the broker after the transaction's time-out;
  /// what is thrown then says why, such as that the fence was lost.
  func abort(timeout: Duration) throws(KafkaError)

  /// Codecs that brokers have refused a batch for, of those that this sink may choose.
  var refusedCodecs: [RefusedCodec] { get }

  /// Ends. An open transaction stays open; whatever was on its way is given up, and no slot is read any more.
  func close()
}

extension RecordSink {
  var form: BatchForm { .records }
  /// One that gathers records into batches is the better off the more it has of them.
  var wantsMore: Bool { true }
  /// librdkafka encodes as it is configured.
  var refusedCodecs: [RefusedCodec] { [] }
}

struct AcknowledgedRange {
  var count = 0
  /// Target offsets; nil when no acknowledgement told one.
  var first: Int64?
  var last: Int64?
  /// Acknowledgements that told no offset.
  var withoutOffset = 0
}

enum SendOutcome {
  /// All of the batch is on its way.
  case sent
  /// The sink's queue is full: poll, then offer the same batch again.
  case full
  /// The budget is used up; the rest of the batch waits.
  case budgetSpent
}
