package import ColdStorage
package import Kafka
import Glibc
import Threads

/// Puts topics of a live cluster into cold storage, or adds to them what came since.
///
/// Only committed records, with their offsets; bounded by the high watermark when the capture of the topic begins. One
/// capture of a topic at a time, by a lease. An archive that was there stays readable until the new one takes its
/// place, and a capture that was cut short is completed by the next.
package struct Archiver: Sendable {
  private let configuration: KafkaConfiguration
  private let archive: ArchiveReader
  private let options: CaptureOptions

  package init(
    _ configuration: KafkaConfiguration, into store: any BlobStore, prefix: BlobKey = .root,
    options: CaptureOptions = CaptureOptions()
  ) {
    self.configuration = configuration
    archive = ArchiveReader(store, prefix: prefix)
    self.options = options
  }

  /// Captures one topic, on a thread of its own.
  ///
  /// - Parameter progress: told from time to time, on that thread; false stops the capture with `cancelled`.
  package func capture(
    _ topic: String, progress: @escaping @Sendable (CaptureProgress) -> Bool = { _ in true }
  ) async throws(ArchiverError) -> CaptureReport {
    let result: Result<CaptureReport, ArchiverError>
    do {
      result = try await NamedThread.run("archive") { captureNow(topic, progress) }
    } catch {
      throw .notStarted
    }
    return try result.get()
  }

  /// Captures one topic and goes on as it grows, on a thread of its own, until `isStopped`; then what was read by then is added, and it returns. A
  /// follower that dies is continued by the next.
  ///
  /// - Parameters:
  ///   - interval: how often what came is added to the archive.
  ///   - tell: told on that thread.
  package func follow(
    _ topic: String, every interval: Duration, until isStopped: @escaping @Sendable () -> Bool,
    tell: @escaping @Sendable (FollowNews) -> Void
  ) async throws(ArchiverError) {
    let result: Result<Void, ArchiverError>
    do {
      result = try await NamedThread.run("follow") {
        attempt(topic) { try TopicFollower($0, every: interval, until: isStopped, tell: tell).run() }
      }
    } catch {
      throw .notStarted
    }
    try result.get()
  }

  private func captureNow(
    _ topic: String, _ progress: (CaptureProgress) -> Bool
  ) -> Result<CaptureReport, ArchiverError> {
    attempt(topic) { try $0.run(progress) }
  }

  private func attempt<Value>(
    _ topic: String, _ body: (TopicCapture) throws -> Value
  ) -> Result<Value, ArchiverError> {
    do {
      let admin = try Admin(configuration)
      defer { admin.close() }
      return .success(try body(try TopicCapture(topic, admin, configuration, archive, options, clock: { Self.now })))
    } catch {
      return .failure(ArchiverError(error))
    }
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
