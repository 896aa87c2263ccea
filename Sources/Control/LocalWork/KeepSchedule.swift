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
  private var entries: [ResourceKey: [WorkItem.ID: Entry]] = [:]
  /// Nothing is due before it, nil when nothing is at all: whoever asks in between doesn't look through what may be very many lanes.
  private var earliest: ContinuousClock.Instant?

  init(interval: Duration) { self.interval = interval }

  /// A quarter of an hour with an interval of a day.
  private var soon: Duration { interval / 96 }

  /// What is wanted of a Restore by now; the rest of it is forgotten.
  mutating func want(_ items: [WorkItem], of key: ResourceKey, now: ContinuousClock.Instant) {
    let old = entries[key] ?? [:]
    var new: [WorkItem.ID: Entry] = [:]
    for id in items.map(\.id) where id.task.isKeeping { new[id] = old[id] ?? Entry(due: now + soon) }
    entries[key] = new.isEmpty ? nil : new
    if !new.isEmpty { look(at: now + soon) }
  }

  mutating func clear() {
    entries = [:]
    earliest = nil
  }

  func isDue(_ id: WorkItem.ID, now: ContinuousClock.Instant) -> Bool {
    entries[id.key]?[id].map { !$0.isRunning && $0.due <= now } ?? false
  }

  /// Due ones, the longest due first.
  mutating func due(now: ContinuousClock.Instant) -> [WorkItem.ID] {
    guard let earliest, earliest <= now else { return [] }
    let resting = entries.values.joined().filter { !$0.value.isRunning }
    self.earliest = resting.map(\.value.due).min()
    return resting.filter { $0.value.due <= now }.sorted { $0.value.due < $1.value.due }.map(\.key)
  }

  mutating func began(_ id: WorkItem.ID) { entries[id.key]?[id]?.isRunning = true }

  mutating func ended(_ id: WorkItem.ID, kept: Bool, now: ContinuousClock.Instant) {
    guard entries[id.key]?[id] != nil else { return }
    let due = now + (kept ? interval : soon)
    entries[id.key]?[id] = Entry(due: due)
    look(at: due)
  }

  /// When to ask for what is due again. What is overdue waits for the end of a worker, not for the time.
  func next(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    guard let earliest, earliest <= now else { return earliest }
    return entries.values.joined().filter { !$0.value.isRunning && $0.value.due > now }.map(\.value.due).min()
  }

  private mutating func look(at due: ContinuousClock.Instant) {
    if earliest.map({ due < $0 }) ?? true { earliest = due }
  }
}

extension WorkItem.Task {
  var isKeeping: Bool { if case .keep = self { true } else { false } }
}
