package import Kafka

/// Batches, at most one of each partition. Versions 7 to 11 (7 is the first that takes zstd); protocol guide, "Produce" (key 0), KIP-98 and KIP-110.
///
/// Two batches of one partition in one request would both be acknowledged, and the first would be lost: batches are kept by partition here, so that there
/// can't be two.
package struct Produce: KafkaRequest {
  package static let api = API.produce

  /// A batch's own 61 bytes, and the rest of it, in memory of the caller's.
  struct Batch {
    var header: [UInt8]
    var payload: UnsafeRawBufferPointer
  }

  /// What is written before a batch's payload stands in `bytes` before `position`.
  struct Cut {
    var position: Int
    var payload: UnsafeRawBufferPointer
  }

  package struct Acknowledgement: Sendable, Equatable {
    package var error: Int16
    package var baseOffset: Int64
    package var message: String?
  }

  package struct Answer: Sendable, Equatable {
    package var throttle: Int32
    package var partitions: [TopicPartition: Acknowledgement]
  }

  var transactionalID: String?
  var timeoutMilliseconds: Int32

  package init(transactionalID: String?, timeoutMilliseconds: Int32) {
    self.transactionalID = transactionalID
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  /// Without batches.
  package func encode(into writer: inout WireWriter, version: Int16) { _ = encode([:], into: &writer) }

  /// All but the payloads, and where those belong.
  func encode(_ batches: [TopicPartition: Batch], into writer: inout WireWriter) -> [Cut] {
    var cuts: [Cut] = []
    writer.writeNullable(transactionalID)
    writer.write(Int16(-1))  // acknowledged by all in sync
    writer.write(timeoutMilliseconds)
    writer.write(batches.sorted { $0.key < $1.key }.groupedByTopic { $0.key.topic }) { writer, topic in
      writer.write(topic.name)
      writer.write(topic.elements) { writer, batch in
        writer.write(batch.key.partition)
        writer.write(count: batch.value.header.count + batch.value.payload.count)
        writer.write(raw: batch.value.header)
        cuts.append(Cut(position: writer.bytes.count, payload: batch.value.payload))
        writer.endStructure()
      }
      writer.endStructure()
    }
    writer.endStructure()
    return cuts
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> Answer {
    let partitions = try reader.partitions { reader throws(WireError) in
      var acknowledgement = Acknowledgement(error: try reader.number(), baseOffset: try reader.number())
      _ = (try reader.number(Int64.self), try reader.number(Int64.self))  // append time and log start
      if version >= 8 {
        _ = try reader.array { reader throws(WireError) in
          _ = try reader.number(Int32.self)
          let message = try reader.optionalText()
          acknowledgement.message = acknowledgement.message ?? message
          try reader.endStructure()
        }
        acknowledgement.message = try reader.optionalText() ?? acknowledgement.message
      }
      return acknowledgement
    }
    let throttle = try reader.number(Int32.self)
    try reader.endStructure()
    return Answer(throttle: throttle, partitions: partitions)
  }
}
