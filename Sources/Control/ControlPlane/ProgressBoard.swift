import RestoreModel

/// Progress that has been reported and not been shown yet, and when each Restore was last shown. Many lanes report many times a second;
/// a status record of mere progress is written at most once in an interval.
struct ProgressBoard {
  private var pending: [Inbox.ProgressSource: Fact] = [:]
  private var shown: [ResourceKey: Instant] = [:]
  private var samples: [ResourceKey: [Sample]] = [:]
  private let interval: Int64

  private struct Sample {
    var uid: UID
    var run: Int
    var time: Instant
    var records: Int64
    var bytes: Int64
  }

  /// Rates are taken over so many milliseconds.
  private static let window: Int64 = 5000

  init(interval: Int64) { self.interval = interval }

  mutating func add(_ progress: [Inbox.ProgressSource: Fact]) { pending.merge(progress) { $1 } }

  /// What may be shown now, in the order of the keys: all of a Restore that is written anyway, or whose last status is an interval old.
  mutating func takeDue(at now: Instant, touched: Set<ResourceKey>) -> [Fact] {
    let due = pending.filter { source, _ in
      guard !touched.contains(source.key), let last = shown[source.key] else { return true }
      return now.milliseconds - last.milliseconds >= interval
    }
    for source in due.keys { pending[source] = nil }
    return due.sorted { ($0.key.key, $0.key.lane) < ($1.key.key, $1.key.lane) }.map(\.value)
  }

  mutating func wrote(_ keys: Set<ResourceKey>, at now: Instant, in state: ControlState) {
    for key in keys {
      shown[key] = state.resources[key] == nil ? nil : now
      if state.resources[key] == nil { samples[key] = nil }
    }
  }

  /// Records and bytes a second of a Restore, whose figures have just changed.
  mutating func rates(of key: ResourceKey, at now: Instant, in state: ControlState) -> (records: Int64, bytes: Int64) {
    guard let status = state.resources[key]?.status, let total = status.progress?.total else { return (0, 0) }
    let sample = Sample(
      uid: status.uid, run: status.run, time: now, records: total.recordsRestored + total.recordsFiltered,
      bytes: total.bytesRestored)
    var recent = (samples[key] ?? []).filter {
      $0.uid == sample.uid && $0.run == sample.run && now.milliseconds - $0.time.milliseconds <= Self.window
    }
    recent.append(sample)
    samples[key] = recent
    guard let first = recent.first, first.time < now else { return (0, 0) }
    let elapsed = now.milliseconds - first.time.milliseconds
    func rate(_ amount: Int64) -> Int64 { max(0, Int64(Double(amount) * 1000 / Double(elapsed))) }
    return (rate(sample.records - first.records), rate(sample.bytes - first.bytes))
  }
}
