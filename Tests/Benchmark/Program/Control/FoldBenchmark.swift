import ControlPlane
import ControlTopics
import RestoreModel
import Threads

/// The fold of `specs` and `status` alone, from memory: what a new owner does before it decides anything.
enum FoldBenchmark {
  static func run(_ counts: [Int]) async throws {
    var rows: [[String]] = []
    for shape in Sample.Shape.allCases {
      for count in counts {
        let (specs, status) = Sample.records(count, shape)
        let bytes = (specs + status).reduce(0) { $0 + ($1.value?.count ?? 0) }
        let topics = [specs, status].map { $0.enumerated().map { ControlRecord($1, offset: Int64($0), timestamp: 0) } }
        Figures.forgetPeak()
        let before = Figures.residentMegabytes()
        let clock = ContinuousClock()
        let cpu = Figures.processorTime()
        let shared = SharedFold()
        defer { shared.close() }
        let took = try await clock.measure {
          // As the owner does: each topic comes on a thread of its own.
          try await withThrowingTaskGroup(of: Void.self) { group in
            for records in topics {
              let part = shared.part()
              group.addTask {
                try await NamedThread.run("fold") { try part.take(records) }
                try await part.finish()
              }
            }
            try await group.waitForAll()
          }
          try shared.folded.finish()
        }
        let decoder = shared.folded
        let processor = Figures.processorTime() - cpu
        let peak = Figures.peakMegabytes()
        let state = decoder.state
        guard state.resources.count == count else { throw Wrong("the fold holds \(state.resources.count) documents") }
        rows.append([
          shape.rawValue, "\(count)", "\(bytes / max(1, count))", Figures.milliseconds(took),
          Figures.milliseconds(processor),
          Figures.rate(count, took), Figures.rate(count, processor),
          "\(peak - before)",
        ])
      }
    }
    Figures.print(
      "Fold of specs and status (a Resource is \(MemoryLayout<Resource>.size) bytes inline)",
      ["", "documents", "bytes each", "ms", "CPU ms", "documents/s", "documents/s of CPU", "MB more at its peak"], rows)
  }
}

struct Wrong: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
