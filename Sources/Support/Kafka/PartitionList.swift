import CLibrdkafka

/// The owner of one `rd_kafka_topic_partition_list_t`.
struct PartitionList: ~Copyable {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(capacity: Int = 8) { pointer = rd_kafka_topic_partition_list_new(Int32(capacity)) }

  /// Takes over a list that librdkafka allocated for the caller.
  init(owning pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) { self.pointer = pointer }

  init(_ partitions: some Sequence<TopicPartition>, offset: Int64 = Int64(RD_KAFKA_OFFSET_INVALID)) {
    self.init()
    for partition in partitions { add(partition, offset: offset) }
  }

  init(_ positions: [TopicPartition: CommittedPosition]) {
    self.init(capacity: positions.count)
    for (partition, position) in positions.sorted(by: { $0.key < $1.key }) {
      add(partition, offset: position.offset, metadata: position.metadata)
    }
  }

  deinit { rd_kafka_topic_partition_list_destroy(pointer) }

  func add(_ partition: TopicPartition, offset: Int64, metadata: [UInt8] = []) {
    guard let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition) else { return }
    element.pointee.offset = offset
    guard !metadata.isEmpty, let copy = rd_kafka_mem_malloc(nil, metadata.count) else { return }
    copy.copyMemory(from: metadata, byteCount: metadata.count)  // librdkafka frees it with the list
    element.pointee.metadata = copy
    element.pointee.metadata_size = metadata.count
  }

  var elements: [Element] { Self.elements(of: pointer) }

  struct Element {
    let partition: TopicPartition
    let offset: Int64
    let metadata: [UInt8]
    let error: rd_kafka_resp_err_t
  }

  /// What a list holds that stays its owner's. Metadata is read by its size: it has no zero at its end.
  static func elements(of list: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> [Element] {
    guard let list, let elements = list.pointee.elems else { return [] }
    return (0..<Int(list.pointee.cnt)).map { index in
      let element = elements[index]
      return Element(
        partition: TopicPartition(String(cString: element.topic), element.partition), offset: element.offset,
        metadata: Array(UnsafeRawBufferPointer(start: element.metadata, count: element.metadata_size)),
        error: element.err)
    }
  }
}
