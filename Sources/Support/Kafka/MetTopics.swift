import CLibrdkafka
import Threads

/// The topics that a producer has met. Producing by name to a topic that is new to a handle waits for librdkafka's next round of looking
/// after topics, up to a second; `rd_kafka_topic_new` asks for its leaders at once.
final class MetTopics: @unchecked Sendable {
  private let handles = Locked<[String: OpaquePointer]>([:])

  func meet(_ topic: String, through client: OpaquePointer) {
    handles.withLock { handles in
      // One that can't be made is refused by the produce call itself, with its reason.
      if handles[topic] == nil { handles[topic] = rd_kafka_topic_new(client, topic, nil) }
    }
  }

  /// Before the client is destroyed, which would wait for them.
  func leave() {
    handles.withLock { handles in
      for handle in handles.values { rd_kafka_topic_destroy(handle) }
      handles = [:]
    }
  }
}
