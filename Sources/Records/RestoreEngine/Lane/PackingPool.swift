import ColdStorage
import Glibc
import Threads

/// The threads that compress what the lanes of a process have encoded: at most as many as it has cores, however many lanes there are. They start when
/// there is something to compress, and end when there is no lane.
package final class PackingPool: Sendable {
  /// Called on one of the threads, once; a failure is that of the thread to get ready.
  typealias Job = @Sendable (Result<BatchPacker, any Error>) -> Void

  private struct State {
    var lanes = 0
    var threads = 0
    var idle = 0
    /// First come, first served; no more than `batchesPerLane` of each lane.
    var jobs: [Job] = []
    /// Their memory is warm.
    var buffers: [RecordBuffer] = []
  }

  /// Compressing with zstd takes about twice as long as all else that a lane's reader does: more threads than this it can't keep busy.
  static let batchesPerLane = 4
  private static let largestBuffer = 2 * BatchBuilder.defaultLimit

  private let state = Monitor(State())
  private let width: Int
  private let least: Int
  private let beforeJob: @Sendable () throws -> Void

  /// - Parameters:
  ///   - width: the most threads.
  ///   - least: bytes of a batch before compression from which on it pays to hand it to another thread.
  ///   - beforeJob: what a thread does before a job, which fails with it.
  package init(
    width: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN)), least: Int = 64 << 10,
    beforeJob: @escaping @Sendable () throws -> Void = {}
  ) {
    self.width = max(1, width)
    self.least = least
    self.beforeJob = beforeJob
  }

  func enter() { state.change { $0.lanes += 1 } }

  /// Without lanes the threads end.
  func leave() {
    state.change { state in
      state.lanes -= 1
      if state.lanes == 0 { state.buffers = [] }
    }
  }

  var threads: Int { state.read { $0.threads } }

  /// Whether a batch is better compressed here than by the lane's reader. With as many lanes as cores each has one for itself.
  func takes(_ codec: BatchCodec, bytes: Int) -> Bool {
    codec != .none && bytes >= least && state.read { $0.lanes < width }
  }

  /// Memory for a batch before compression; nobody else uses it.
  func buffer() throws(BatchError) -> RecordBuffer {
    if let warm = state.change({ $0.buffers.popLast() }) { return warm }
    return try BatchBuilder.buffer()
  }

  /// Gives it back. Few are kept, and no large ones.
  func keep(_ buffer: RecordBuffer) {
    state.change { state in
      guard state.lanes > 0, state.buffers.count < Self.batchesPerLane, buffer.capacity <= Self.largestBuffer else {
        return
      }
      state.buffers.append(buffer)
    }
  }

  /// Between `enter` and `leave`. Where no thread can be started, the caller's does the work.
  func submit(_ job: @escaping Job) {
    let starts = state.change { state in
      state.jobs.append(job)
      let starts = state.idle < state.jobs.count && state.threads < width
      if starts { state.threads += 1 }
      return starts
    }
    guard starts else { return }
    do { try NamedThread.start("pack") { [self] in work() } } catch {
      let left = state.change { state -> [Job] in
        state.threads -= 1
        guard state.threads == 0 else { return [] }
        defer { state.jobs = [] }
        return state.jobs
      }
      let packer = Result<BatchPacker, any Error> { try BatchPacker() }
      for job in left { job(packer) }
    }
  }

  private func work() {
    var kept: BatchPacker?
    while let job = nextJob() {
      job(
        Result {
          try beforeJob()
          let packer = try kept ?? BatchPacker()
          kept = packer
          return packer
        })
      if let packer = kept, packer.capacity > Self.largestBuffer { kept = nil }
    }
  }

  private enum Order {
    case work(Job)
    case end
  }

  private func nextJob() -> Job? {
    var isIdle = false
    let order = state.wait { state -> Order? in
      guard state.jobs.isEmpty, state.lanes > 0 else {
        if isIdle { state.idle -= 1 }
        if !state.jobs.isEmpty { return .work(state.jobs.removeFirst()) }
        state.threads -= 1
        return .end
      }
      if !isIdle { state.idle += 1 }
      isIdle = true
      return nil
    }
    guard case .work(let job) = order else { return nil }
    return job
  }
}
