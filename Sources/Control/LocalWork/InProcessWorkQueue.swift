import ControlPlane
package import Logging
package import RestoreEngine
package import RestoreModel
import Threads

/// The work of all Restores in the owner's own process: each item on threads of its own.
///
/// Level-triggered. An item that ended without having finished (another process had the fence, or it failed and the control plane still
/// wants it) begins again after a while; one that has finished waits to be taken off the list. Of one lane there is never more than one
/// worker: a seal, or the worker of a newer claim, begins when the one before it has ended. Positions of lanes at rest are kept now and then, a few lanes
/// at a time; whatever else is wanted of a lane makes that stop.
package final class InProcessWorkQueue: WorkQueue {
  private struct State {
    var desired: [ResourceKey: [WorkItem]] = [:]
    /// By place, stopping ones included.
    var workers: [Place: LocalWorker] = [:]
    var finished: Set<WorkItem.ID> = []
    var throttles: [RunID: Throttle] = [:]
    /// Of runs that are at work. Those at rest, whose positions are kept, may be many, and for ever.
    var known: [RunID: RunKnowledge] = [:]
    var keeps: KeepSchedule
    /// Wakes the schedule, and when.
    var alarm: (at: ContinuousClock.Instant, task: Task<Void, Never>)?
    /// What workers of an earlier term report is not wanted.
    var term = 0
  }

  package let facts: AsyncStream<Fact>
  private let continuation: AsyncStream<Fact>.Continuation
  private let state: Monitor<State>
  private let policy: EnginePolicy
  private let logger: Logger
  private let steps: StepPoints
  private let sinks: SinkFactory

  package init(
    policy: EnginePolicy, logger: Logger, steps: StepPoints = .none, sinks: SinkFactory = .kafka
  ) {
    (facts, continuation) = AsyncStream.makeStream(of: Fact.self)
    state = Monitor(State(keeps: KeepSchedule(interval: policy.positionsRefresh)))
    self.policy = policy
    self.logger = logger
    self.steps = steps
    self.sinks = sinks
  }

  package func reconcile(_ key: ResourceKey, _ items: [WorkItem]) {
    state.change { state in
      let atWork = Set(items.filter { !$0.id.task.isKeeping }.map { RunID($0.id) })
      for item in state.desired[key] ?? [] where !atWork.contains(RunID(item.id)) {
        state.known[RunID(item.id)] = nil
      }
      state.desired[key] = items.isEmpty ? nil : items
      let wanted = Dictionary(items.map { ($0.id, $0) }) { first, _ in first }
      state.finished = state.finished.filter { $0.key != key || wanted[$0] != nil }
      state.keeps.want(items, of: key, now: .now)
      for worker in state.workers.values where worker.item.id.key == key {
        if let item = wanted[worker.item.id] {
          worker.control.update(item)
        } else {
          worker.control.stop(.atCheckpoint)
        }
      }
      for item in items {
        state.throttles[RunID(item.id)]?.set(bytesPerSecond: item.throttleBytesPerSecond)
      }
      startWanted(key, &state)
    }
  }

  /// What an unreachable sink may hold a worker in: its stop is not waited for longer. Whatever it still does is fenced by the next claim.
  private static let patience = Duration.seconds(10)

  package func stopAll() async {
    state.change { state in
      state.term += 1
      state.desired = [:]
      state.known = [:]
      state.finished = []
      state.keeps.clear()
      setAlarm(&state)
      for worker in state.workers.values { worker.control.stop(.now) }
    }
    let state = state
    do {
      try await NamedThread.run("stop-work") {
        _ = state.wait(timeout: Self.patience) { $0.workers.isEmpty ? true : nil }
      }
    } catch {
      logger.warning("the end of the work was not waited for", ["error": "\(error)"])
    }
  }

  package func archivedTopics(
    in storage: StorageSpec, credentials: CredentialsSpec?
  ) async -> Result<[TopicName], Rejection> {
    let policy = policy
    return await CancellableCall.run("list-archive", cancelled: .failure(ArchiveListing.cancelled)) {
      ArchiveListing.topics(in: storage, policy)
    }
  }

  private func startWanted(_ key: ResourceKey, _ state: inout State) {
    for item in state.desired[key] ?? [] where !item.id.task.isKeeping {
      let place = Place(item.id)
      guard state.workers[place] == nil, !state.finished.contains(item.id) else { continue }
      start(item, place, &state)
    }
    startKeeping(&state)
  }

  /// What is due, as far as there may be more of it.
  private func startKeeping(_ state: inout State) {
    var left = KeepSchedule.most - state.workers.values.count { $0.item.id.task.isKeeping }
    for id in state.keeps.due(now: .now) where left > 0 {
      let place = Place(id)
      // A worker that still has the place wakes this again when it ends.
      guard state.workers[place] == nil, let item = state.desired[id.key]?.first(where: { $0.id == id }) else {
        continue
      }
      left -= 1
      state.keeps.began(id)
      start(item, place, &state)
    }
    setAlarm(&state)
  }

  private func setAlarm(_ state: inout State) {
    let next = state.keeps.next(after: .now)
    guard state.alarm?.at != next else { return }
    state.alarm?.task.cancel()
    state.alarm = next.map { next in
      (
        next,
        Task { [weak self] in
          do { try await Task.sleep(until: next, clock: .continuous) } catch { return }
          self?.wakeKeeping()
        }
      )
    }
  }

  private func wakeKeeping() { state.change { startKeeping(&$0) } }

  private func start(_ item: WorkItem, _ place: Place, _ state: inout State) {
    let throttle = state.throttles[RunID(item.id)] ?? Throttle(bytesPerSecond: item.throttleBytesPerSecond)
    state.throttles[RunID(item.id)] = throttle
    let known = state.known[RunID(item.id)] ?? RunKnowledge()
    if !item.id.task.isKeeping { state.known[RunID(item.id)] = known }
    let term = state.term
    let worker = LocalWorker(item, throttle, known, policy, logger, steps, sinks) { [weak self] content in
      self?.report(content, of: item.id, term: term)
    }
    state.workers[place] = worker
    worker.start { [weak self] outcome in self?.ended(place, worker, outcome) }
  }

  private func report(_ content: Fact.Content, of id: WorkItem.ID, term: Int) {
    guard state.read({ $0.term }) == term else { return }
    continuation.yield(Fact(key: id.key, uid: id.uid, run: id.run, claim: id.claim, content: content))
  }

  private func ended(_ place: Place, _ worker: LocalWorker, _ outcome: WorkOutcome) {
    state.change { state in
      guard state.workers[place] === worker else { return }
      state.workers[place] = nil
      let id = worker.item.id
      let isWanted = state.desired[id.key]?.contains { $0.id == id } ?? false
      if id.task.isKeeping {
        state.keeps.ended(id, kept: outcome == .finished, now: .now)
      } else if isWanted, outcome == .finished || outcome == .abandoned {
        state.finished.insert(id)
      }
      startWanted(id.key, &state)
      let ids = state.workers.values.map(\.item.id) + state.desired.values.joined().map(\.id)
      let busy = Set(ids.map { RunID($0) })
      state.throttles = state.throttles.filter { busy.contains($0.key) }
    }
  }
}

/// What only one worker may hold at a time.
private struct Place: Hashable {
  enum Part: Hashable {
    case lane(LaneID)
    case prepare
    case verify
  }
  let run: RunID
  let part: Part

  init(_ id: WorkItem.ID) {
    run = RunID(id)
    switch id.task {
    case .prepare: part = .prepare
    case .lane(let lane), .seal(let lane), .keep(let lane): part = .lane(lane)
    case .verify: part = .verify
    }
  }
}

private struct RunID: Hashable {
  let uid: UID
  let run: Int

  init(_ id: WorkItem.ID) {
    uid = id.uid
    run = id.run
  }
}
