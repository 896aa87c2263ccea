import ControlTopics
import RestoreModel

/// The fold of `specs` and `status` alone, from memory: what a new owner does before it decides anything.
enum FoldBenchmark {
  static func run(_ counts: [Int]) throws {
    var rows: [[String]] = []
    for shape in Sample.Shape.allCases {
      for count in counts {
        let (specs, status) = Sample.records(count, shape)
        let bytes = (specs + status).reduce(0) { $0 + ($1.value?.count ?? 0) }
        let records = (specs + status).enumerated().map { ControlRecord($1, offset: Int64($0), timestamp: 0) }
        let before = Figures.residentMegabytes()
        let clock = ContinuousClock()
        let cpu = Figures.processorTime()
        var decoder = StateDecoder()
        let took = try clock.measure {
          for record in records { try decoder.apply(record) }
          try decoder.finish()
        }
        let processor = Figures.processorTime() - cpu
        let peak = Figures.residentMegabytes()
        let state = decoder.state
        guard state.resources.count == count else { throw Wrong("the fold holds \(state.resources.count) documents") }
        rows.append([
          shape.rawValue, "\(count)", "\(bytes / max(1, count))", Figures.milliseconds(took),
          Figures.milliseconds(processor),
          Figures.rate(count, processor),
          "\(peak - before)",
        ])
      }
    }
    Figures.print(
      "Fold of specs and status (a Resource is \(MemoryLayout<Resource>.size) bytes inline)",
      ["", "documents", "bytes each", "ms", "CPU ms", "documents/s of CPU", "MB"], rows)
  }
}

struct Wrong: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
