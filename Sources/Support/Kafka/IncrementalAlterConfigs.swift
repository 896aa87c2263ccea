import CLibrdkafka
import Glibc

/// The calls of IncrementalAlterConfigs in a librdkafka newer than the one this is built with (2.0.2 has none, 2.2 has them).
struct IncrementalAlterConfigs: Sendable {
  typealias Add =
    @convention(c) (OpaquePointer, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>?) -> OpaquePointer?
  typealias Submit =
    @convention(c) (OpaquePointer, UnsafeMutablePointer<OpaquePointer?>, Int, OpaquePointer, OpaquePointer) -> Void
  typealias Result = @convention(c) (OpaquePointer) -> OpaquePointer?
  typealias Resources =
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<OpaquePointer?>?

  let add: Add
  let submit: Submit
  let result: Result
  let resources: Resources

  static let available: IncrementalAlterConfigs? = {
    guard
      let add = dlsym(nil, "rd_kafka_ConfigResource_add_incremental_config"),
      let submit = dlsym(nil, "rd_kafka_IncrementalAlterConfigs"),
      let result = dlsym(nil, "rd_kafka_event_IncrementalAlterConfigs_result"),
      let resources = dlsym(nil, "rd_kafka_IncrementalAlterConfigs_result_resources")
    else { return nil }
    return IncrementalAlterConfigs(
      add: unsafeBitCast(add, to: Add.self), submit: unsafeBitCast(submit, to: Submit.self),
      result: unsafeBitCast(result, to: Result.self), resources: unsafeBitCast(resources, to: Resources.self))
  }()
}
