/// A record of a control topic, as Kafka or the simulated log hands it over. Key and value nil: null on the wire.
package struct ControlRecord: Sendable, Hashable {
  package struct Header: Sendable, Hashable {
    package var name: String
    package var value: [UInt8]?
    package init(_ name: String, _ value: [UInt8]?) {
      self.name = name
      self.value = value
    }
    package init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }
  }
  package var topic: ControlTopic
  package var offset: Int64
  /// Milliseconds since 1970; on `commands` the broker's time of the append.
  package var timestamp: Int64
  package var key: [UInt8]?
  package var value: [UInt8]?
  package var headers: [Header]

  package init(
    topic: ControlTopic, offset: Int64, timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [Header] = []
  ) {
    self.topic = topic
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }

  /// What a log makes of a record that was sent to it.
  package init(_ sent: OutgoingControlRecord, offset: Int64, timestamp: Int64) {
    self.init(
      topic: sent.topic, offset: offset, timestamp: timestamp, key: sent.key, value: sent.value, headers: sent.headers)
  }

  /// The last header of that name, if it is text: a later one overrides an earlier one.
  func header(_ name: String) -> String? {
    // By its index: an element handed to a closure is copied, and each record of a fold has many.
    guard let found = headers.indices.last(where: { headers[$0].name == name }) else { return nil }
    return headers[found].value.flatMap { String(validating: $0, as: UTF8.self) }
  }
}

/// A record to be written; a nil value is a tombstone.
package struct OutgoingControlRecord: Sendable, Hashable {
  package var topic: ControlTopic
  package var key: [UInt8]
  package var value: [UInt8]?
  package var headers: [ControlRecord.Header]

  package init(topic: ControlTopic, key: [UInt8], value: [UInt8]?, headers: [ControlRecord.Header] = []) {
    self.topic = topic
    self.key = key
    self.value = value
    self.headers = headers
  }
}
