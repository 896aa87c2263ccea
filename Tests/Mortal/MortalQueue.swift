import ControlPlane
import Glibc
import LocalWork
import Logging
import RestoreEngine
import RestoreModel
import Threads

/// The service's own work queue, with death, or a standstill, at one place of it.
struct MortalQueue: WorkQueue {
  private let inner: InProcessWorkQueue
  private let place: DeathPlace
  private let signal: Int32

  private let hasStruck: Monitor<Bool>

  /// - Parameter hold: where a worker waits until the process has been struck and goes on.
  init(_ policy: EnginePolicy, _ logger: Logger, _ place: DeathPlace, _ signal: Int32, hold: DeathPlace? = nil) {
    self.place = place
    self.signal = signal
    let hasStruck = Monitor(false)
    self.hasStruck = hasStruck
    let counts = Locked<[StepPoints.Step: Int]>([:])
    let steps = StepPoints { reached in
      let time = counts.withLock { counts in
        counts[reached, default: 0] += 1
        return counts[reached, default: 0]
      }
      if place.isThis(reached, time) { Self.strike(signal, hasStruck) }
      if let hold, hold.isThis(reached, time) {
        print("thaw-mortal: holds")
        fflush(nil)
        _ = hasStruck.wait { $0 ? true : nil }
      }
      return .goOn
    }
    inner = InProcessWorkQueue(policy: policy, logger: logger, steps: steps)
  }

  func reconcile(_ key: ResourceKey, _ items: [WorkItem]) {
    for item in items where place.isThis(item) { Self.strike(signal, hasStruck) }
    inner.reconcile(key, items)
  }

  private static func strike(_ signal: Int32, _ hasStruck: Monitor<Bool>) {
    if hasStruck.read({ $0 }) { return }
    DeathPlace.strike(signal)
    hasStruck.change { $0 = true }
  }

  func stopAll() async { await inner.stopAll() }

  var facts: AsyncStream<Fact> {
    let (inner, place, signal, hasStruck) = (inner, place, signal, hasStruck)
    return AsyncStream { continuation in
      let task = Task {
        for await fact in inner.facts {
          if place.isThis(fact) { Self.strike(signal, hasStruck) }
          if place.comesBefore(fact) { continue }
          continuation.yield(fact)
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  func archivedTopics(
    in storage: StorageSpec, credentials: CredentialsSpec?
  ) async -> Result<[TopicName], Rejection> {
    await inner.archivedTopics(in: storage, credentials: credentials)
  }
}
