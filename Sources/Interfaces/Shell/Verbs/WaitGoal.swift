import RestoreModel

/// What `thaw wait --for` waits for, and whether it can still come.
enum WaitGoal: Hashable, Sendable {
  case phase(Phase)
  case condition(Condition.Kind, Condition.Status)
  case deletion

  enum Verdict: Hashable, Sendable {
    case reached
    case pending
    /// Why it can no longer come by itself.
    case impossible(String)
  }

  init(parsing text: String) throws(ShellFailure) {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    switch (parts[0].lowercased(), parts.count) {
    case ("delete", 1), ("deleted", 1): self = .deletion
    case (_, 1): self = .phase(try Self.phase(parts[0]))
    case ("phase", 2), ("status", 2): self = .phase(try Self.phase(parts[1]))
    case ("condition", 2): self = .condition(try Self.kind(parts[1]), .true)
    case ("condition", 3): self = .condition(try Self.kind(parts[1]), try Self.status(parts[2]))
    default: throw ShellFailure(.usage, "--for must be a phase such as Done, condition=TYPE, or delete")
    }
  }

  private static func phase(_ text: String) throws(ShellFailure) -> Phase {
    try named(text, Phase.self, "--for must be a phase")
  }

  private static func kind(_ text: String) throws(ShellFailure) -> Condition.Kind {
    try named(text, Condition.Kind.self, "--for condition=… must name a condition")
  }

  private static func status(_ text: String) throws(ShellFailure) -> Condition.Status {
    try named(text, Condition.Status.self, "--for condition=TYPE=… must be a condition's status")
  }

  private static func named<Value: RawRepresentable & CaseIterable>(
    _ text: String, _: Value.Type, _ what: String
  ) throws(ShellFailure) -> Value where Value.RawValue == String {
    if let value = Value.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) { return value }
    let all = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw ShellFailure(.usage, "\(what): one of \(all)")
  }

  /// - Parameter status: nil when there is no such document.
  func judge(_ status: ResourceStatus?) -> Verdict {
    guard let status else { return self == .deletion ? .reached : .impossible("it was deleted") }
    switch self {
    case .deletion: return .pending
    case .phase(let wanted): return status.phase == wanted ? .reached : outlook(status, wanted)
    case .condition(let kind, let wanted):
      let condition = status.condition(kind)
      if let condition, condition.status == wanted { return .reached }
      if kind == .verified, let condition, status.phase == .done, condition.reason != "Pending" {
        return .impossible("verification ended as \(condition.reason)" + Self.appended(condition.message))
      }
      let phase: Phase? = kind == .failed && wanted == .true ? .failed : nil
      return outlook(status, phase, whileDone: kind == .verified)
    }
  }

  /// Whether the run may still lead there. A failed one that is being retried may.
  private func outlook(_ status: ResourceStatus, _ wanted: Phase?, whileDone: Bool = false) -> Verdict {
    guard status.stopping != .restarting else { return .pending }
    if status.stopping == .deleting { return .impossible("it is being deleted") }
    switch status.phase {
    case .failed where wanted != .failed:
      return .impossible("it has failed" + Self.appended(status.condition(.failed)?.message))
    case .invalid where wanted != .invalid:
      return .impossible("it is invalid" + Self.appended(status.condition(.valid)?.message))
    case .done where wanted != .done && !whileDone: return .impossible("it is done already")
    default: return .pending
    }
  }

  private static func appended(_ message: String?) -> String {
    message.map { $0.isEmpty ? "" : ": \($0)" } ?? ""
  }

  /// As it ends a sentence: "… is Done".
  var text: String {
    switch self {
    case .phase(let phase): phase.shown
    case .condition(let kind, let status): "\(kind.rawValue)=\(status.rawValue)"
    case .deletion: "deleted"
    }
  }
}
