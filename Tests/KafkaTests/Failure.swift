import Kafka
import Testing

/// What `body` was refused with, if it was.
func failure(_ body: () throws -> Void) -> KafkaError? {
  do { try body() } catch let error as KafkaError { return error } catch { Issue.record(error) }
  return nil
}
