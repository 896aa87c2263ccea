import ColdStorage
import RestoreEngine
import RestoreModel
import Threads

/// The topics of an archive, for a decision that waits for them.
enum ArchiveListing {
  static var cancelled: Rejection { Rejection(.unavailable, "the archive's topics could not be listed in time") }

  static func topics(in storage: StorageSpec, _ policy: EnginePolicy) -> Result<[TopicName], Rejection> {
    do {
      return .success(try RestoreSource.open(storage, policy: policy).topics().map { TopicName($0) })
    } catch {
      return .failure(Rejection(.unavailable, "the archive's topics can't be listed: \(error)"))
    }
  }
}

/// A blocking call on a thread of its own that whoever waits for it need not wait out.
enum CancellableCall {
  static func run<Value: Sendable>(
    _ name: String, cancelled: Value, _ body: @escaping @Sendable () -> Value
  ) async -> Value {
    let waiting = Locked<(continuation: CheckedContinuation<Value, Never>?, isCancelled: Bool)>((nil, false))
    @Sendable func answer(_ value: Value) {
      let continuation = waiting.withLock { waiting in
        defer { waiting.continuation = nil }
        return waiting.continuation
      }
      continuation?.resume(returning: value)
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isCancelled = waiting.withLock { waiting in
          waiting.continuation = continuation
          return waiting.isCancelled
        }
        if isCancelled { return answer(cancelled) }
        do {
          try NamedThread.start(name) { answer(body()) }
        } catch {
          answer(cancelled)
        }
      }
    } onCancel: {
      waiting.withLock { $0.isCancelled = true }
      answer(cancelled)
    }
  }
}
