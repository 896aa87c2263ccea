import Glibc
import RestoreEngine
import RestoreModel

/// Where in a run the process kills itself.
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

  func dieIfThis(is item: WorkItem) {
    if case .work(item.deathLabel) = self { Self.die() }
  }

  func dieIfThis(is fact: Fact) {
    if case .fact(fact.name) = self { Self.die() }
  }

  /// Heard together with the plan, the fact would take the run past the place.
  func comesBefore(_ fact: Fact) -> Bool {
    if case (.work("planned"), .preflightPassed) = (self, fact.content) { true } else { false }
  }

  /// kill -9: nothing is flushed, closed, aborted or told.
  static func die() -> Never {
    kill(getpid(), SIGKILL)
    while true { pause() }
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
