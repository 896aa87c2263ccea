import RestoreEngine
import Testing
import Threads

/// Holds a worker up where it arrives at a step for the nth time, until it is told to go on.
final class Gate: Sendable {
  private let state = Monitor((arrivals: 0, isOpen: false))
  private let step: StepPoints.Step
  private let time: Int

  init(_ step: StepPoints.Step, _ time: Int) { (self.step, self.time) = (step, time) }

  var steps: StepPoints {
    StepPoints { [self] reached in
      guard reached == step else { return .goOn }
      let isHere = state.change { state in
        state.arrivals += 1
        return state.arrivals == time
      }
      if isHere { _ = state.wait { $0.isOpen ? true : nil } }
      return .goOn
    }
  }

  /// Returns once the worker stands there.
  func awaitArrival(_ location: SourceLocation = #_sourceLocation) async throws {
    let (state, time) = (state, time)
    let stands = try await NamedThread.run("gate") {
      state.wait(timeout: .seconds(120)) { $0.arrivals >= time ? true : nil }
    }
    try #require(stands == true, "the worker comes to \(step) for the \(time)th time", sourceLocation: location)
  }

  func open() { state.change { $0.isOpen = true } }
}
