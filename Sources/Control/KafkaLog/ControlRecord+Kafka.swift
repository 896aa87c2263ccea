import ControlTopics
import Kafka

extension ControlRecord {
  init(_ record: ConsumedRecord, of topic: ControlTopic) {
    self.init(
      topic: topic, offset: record.offset, timestamp: record.timestamp, key: record.key, value: record.value,
      headers: record.headers.map { Header($0.name, $0.value) })
  }
}

extension OutgoingControlRecord {
  func kafka(in naming: TopicNaming) -> OutgoingRecord {
    OutgoingRecord(
      topic: naming.name(of: topic), partition: 0, key: key, value: value,
      headers: headers.map { KafkaHeader($0.name, $0.value) })
  }
}
