import RestoreModel

/// The command that makes sense next, in `describe`.
enum NextStep {
  static func of(_ resource: Resource) -> String? {
    guard let phase = resource.status.phase, let spec = resource.restoreSpec else { return nil }
    var name = resource.metadata.name
    if resource.metadata.namespace != ResourceKey.defaultNamespace { name += " -n \(resource.metadata.namespace)" }
    guard resource.status.stopping == nil else { return "thaw get restores \(name) -w" }
    switch phase {
    case .draft: return "thaw map \(name) SOURCE=TARGET   (or --all)"
    case .ready: return spec.enabled ? "thaw restart \(name)" : "thaw enable \(name)"
    case .invalid: return "mend what the condition Valid says, then thaw apply -f FILE"
    case .initializing, .restoring: return "thaw wait \(name) --for Done"
    case .paused: return "thaw resume \(name)"
    case .failed:
      let mend = "mend what the condition Failed says"
      guard resource.status.condition(.preflightPassed)?.status == .false else {
        return "\(mend), then thaw retry \(name)"
      }
      return "\(mend), then thaw retry \(name); or, in the document itself, thaw apply -f FILE and thaw restart \(name)"
    case .done: return done(name, resource.status.condition(.verified))
    }
  }

  private static func done(_ name: String, _ verified: Condition?) -> String {
    guard let verified else { return "thaw events \(name)" }
    switch (verified.status, verified.reason) {
    case (.true, _): return "thaw events \(name)   (has the receipt)"
    case (.unknown, "Pending"): return "thaw wait \(name) --for condition=Verified"
    default: return "thaw events \(name)   (says what the verification found)"
    }
  }
}
