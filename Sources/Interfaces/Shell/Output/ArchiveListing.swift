import ColdStorage
import JSON
import RestoreModel

/// Archives as `thaw storage ls` shows them.
enum ArchiveListing {
  static func topics(_ topics: [ArchivedTopic]) -> [String] {
    var table = Table(["TOPIC", "PARTITIONS", "RECORDS", "BYTES", "STORED", "FROM", "TO"])
    for topic in topics {
      table.add([
        topic.topic, String(topic.partitionCount), Figure.count(topic.records),
        Figure.bytes(Int64(clamping: topic.contentBytes)), Figure.bytes(stored(topic.partitions)),
        time(topic.partitions.compactMap(\.minTimestamp).min()),
        time(topic.partitions.compactMap(\.maxTimestamp).max()),
      ])
    }
    return table.lines
  }

  static func segments(_ topic: ArchivedTopic) -> [String] {
    var table = Table(["PARTITION", "SEGMENT", "OFFSETS", "RECORDS", "STORED", "FROM", "TO"])
    for partition in topic.partitions {
      if partition.segments.isEmpty {
        table.add([
          String(partition.partition), "-", "\(partition.startOffset)..\(partition.endOffset)", "0", "0 B", "-", "-",
        ])
      }
      for segment in partition.segments {
        table.add([
          String(partition.partition), segment.file, "\(segment.baseOffset)..\(segment.lastOffset)",
          Figure.count(segment.records), Figure.bytes(Int64(clamping: segment.size)), time(segment.minTimestamp),
          time(segment.maxTimestamp),
        ])
      }
    }
    return table.lines
  }

  static func json(_ topic: ArchivedTopic) -> JSONValue {
    [
      "topic": .string(topic.topic), "records": .int(topic.records), "bytes": .int(Int64(clamping: topic.contentBytes)),
      "capturedAt": .string(Instant(milliseconds: topic.index.capturedAt).description),
      "partitions": .array(
        topic.partitions.map { partition in
          [
            "partition": .int(Int64(partition.partition)), "startOffset": .int(partition.startOffset),
            "endOffset": .int(partition.endOffset), "records": .int(partition.records),
            "segments": .int(Int64(partition.segments.count)),
          ]
        }),
    ]
  }

  private static func stored(_ partitions: [PartitionIndex]) -> Int64 {
    partitions.reduce(0) { $0 + $1.segments.reduce(0) { $0 + Int64(clamping: $1.size) } }
  }

  private static func time(_ milliseconds: Int64?) -> String {
    milliseconds.map { Instant(milliseconds: $0).description } ?? "-"
  }
}
