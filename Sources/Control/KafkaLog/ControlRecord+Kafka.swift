import ControlTopics
import Kafka

extension ControlRecord {
  init(_ record: ConsumedRecord, of topic: ControlTopic) {
    self.init(
      topic: topic, offset: record.offset, timestamp: record.timestamp, key: record.key, value: record.value,
      headers: record.headers.map { Header($0.name, $0.value) })
  }

  /// Copies what is lent.
  init(_ message: BorrowedMessage, of topic: ControlTopic, keeping headers: KeptHeaders) throws {
    var kept: [Header] = []
    try message.forEachHeader { name, value in
      guard headers.include(name) else { return }
      kept.append(Header(String(decoding: name, as: UTF8.self), value.map(Array.init)))
    }
    self.init(
      topic: topic, offset: message.offset, timestamp: message.timestamp.milliseconds, key: message.key.map(Array.init),
      value: message.value.map(Array.init), headers: kept)
  }
}

/// Which headers of a record are copied for its reader: a status record has nine, and a fold reads two.
enum KeptHeaders {
  case all
  /// `OwnerHeader`.
  case owners

  private static let ownerNames = [OwnerHeader.epoch, OwnerHeader.sequence].map { Array($0.utf8) }

  func include(_ name: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .all: true
    case .owners: Self.ownerNames.contains { $0.elementsEqual(name) }
    }
  }
}

extension OutgoingControlRecord {
  func kafka(in naming: TopicNaming) -> OutgoingRecord {
    OutgoingRecord(
      topic: naming.name(of: topic), partition: 0, key: key, value: value,
      headers: headers.map { KafkaHeader($0.name, $0.value) })
  }
}
