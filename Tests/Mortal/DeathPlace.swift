import Glibc
import RestoreEngine
import RestoreModel

/// Where in a run the process kills itself, or stops until somebody wakes it.
enum DeathPlace {
  /// When a worker comes to a step for the nth time.
  case step(StepPoints.Step, Int)
  /// When the control plane first wants this work, before any of it is done.
  case work(String)
  /// When work has reported this, and nobody has heard it yet.
  case fact(String)

  /// `step:NAME:N`, `work:LABEL` or `fact:NAME`.
  init?(_ text: String) {
    let words = text.split(separator: ":").map(String.init)
    switch (words.first, words.count) {
    case ("step", 3):
      guard let step = StepPoints.Step(rawValue: words[1]), let time = Int(words[2]) else { return nil }
      self = .step(step, time)
    case ("work", 2): self = .work(words[1])
    case ("fact", 2): self = .fact(words[1])
    default: return nil
    }
  }

  func isThis(_ step: StepPoints.Step, _ time: Int) -> Bool {
    if case .step(step, time) = self { true } else { false }
  }

  func isThis(_ item: WorkItem) -> Bool { if case .work(item.deathLabel) = self { true } else { false } }

  func isThis(_ fact: Fact) -> Bool { if case .fact(fact.name) = self { true } else { false } }

  /// Heard together with the plan, the fact would take the run past the place.
  func comesBefore(_ fact: Fact) -> Bool {
    if case (.work("planned"), .preflightPassed) = (self, fact.content) { true } else { false }
  }

  /// SIGKILL: nothing is flushed, closed, aborted or told. SIGSTOP: every thread stands still, and goes on with SIGCONT as if no time had passed.
  static func strike(_ signal: Int32) {
    kill(getpid(), signal)
    while signal == SIGKILL { pause() }
  }
}

extension WorkItem {
  /// With what is recorded by then: a plan, start positions.
  fileprivate var deathLabel: String {
    switch id.task {
    case .prepare: lanes.isEmpty ? "prepare" : "planned"
    case .lane: positioned ? "positioned" : "lane"
    case .seal: "seal"
    case .keep: "keep"
    case .verify: "verify"
    }
  }
}
