import RestoreModel

/// When the positions of which lane at rest are committed again: at least once in `interval`, and sooner after they could not be.
///
/// Nobody knows when a former owner did it last, so what is new here is due soon: owners that change often must not put it off for ever.
struct KeepSchedule {
  /// At the same time: it is nobody's main business.
  static let most = 4

  private struct Entry {
    var due: ContinuousClock.Instant
    var isRunning = false
  }

  private let interval: Duration
  private var entries: [WorkItem.ID: Entry] = [:]

  init(interval: Duration) { self.interval = interval }

  /// A quarter of an hour with an interval of a day.
  private var soon: Duration { interval / 96 }

  /// What is wanted of a Restore by now; the rest of it is forgotten.
  mutating func want(_ items: [WorkItem], of key: ResourceKey, now: ContinuousClock.Instant) {
    let ids = Set(items.map(\.id).filter(\.task.isKeeping))
    entries = entries.filter { $0.key.key != key || ids.contains($0.key) }
    for id in ids where entries[id] == nil { entries[id] = Entry(due: now + soon) }
  }

  mutating func clear() { entries = [:] }

  func isDue(_ id: WorkItem.ID, now: ContinuousClock.Instant) -> Bool {
    guard let entry = entries[id] else { return false }
    return !entry.isRunning && entry.due <= now
  }

  /// Due ones, the longest due first.
  func due(now: ContinuousClock.Instant) -> [WorkItem.ID] {
    entries.filter { isDue($0.key, now: now) }.sorted { $0.value.due < $1.value.due }.map(\.key)
  }

  mutating func began(_ id: WorkItem.ID) { entries[id]?.isRunning = true }

  mutating func ended(_ id: WorkItem.ID, kept: Bool, now: ContinuousClock.Instant) {
    guard entries[id] != nil else { return }
    entries[id] = Entry(due: now + (kept ? interval : soon))
  }

  /// When something is due that isn't yet. What is overdue waits for the end of a worker, not for the time.
  func next(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    entries.values.filter { !$0.isRunning && $0.due > now }.map(\.due).min()
  }
}

extension WorkItem.Task {
  var isKeeping: Bool { if case .keep = self { true } else { false } }
}
