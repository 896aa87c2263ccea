import ControlPlane
import LocalWork
import Logging
import RestoreEngine
import RestoreModel
import Threads

/// The service's own work queue, with death at one place of it.
struct MortalQueue: WorkQueue {
  private let inner: InProcessWorkQueue
  private let place: DeathPlace

  init(_ policy: EnginePolicy, _ logger: Logger, _ place: DeathPlace) {
    self.place = place
    let times = Locked(0)
    let steps = StepPoints { reached in
      guard case .step(let step, let time) = place, reached == step else { return .goOn }
      let isNow = times.withLock { times in
        times += 1
        return times == time
      }
      if isNow { DeathPlace.die() }
      return .goOn
    }
    inner = InProcessWorkQueue(policy: policy, logger: logger, steps: steps)
  }

  func reconcile(_ key: ResourceKey, _ items: [WorkItem]) {
    for item in items { place.dieIfThis(is: item) }
    inner.reconcile(key, items)
  }

  func stopAll() async { await inner.stopAll() }

  var facts: AsyncStream<Fact> {
    let (inner, place) = (inner, place)
    return AsyncStream { continuation in
      let task = Task {
        for await fact in inner.facts {
          place.dieIfThis(is: fact)
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
