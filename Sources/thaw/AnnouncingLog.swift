import ControlPlane

/// The control log, telling when this process becomes the owner.
struct AnnouncingLog: ControlLog {
  let log: any ControlLog
  let taken: @Sendable () -> Void

  func takeOver() async throws -> any OwnerTerm {
    let term = try await log.takeOver()
    taken()
    return term
  }

  func leave() async { await log.leave() }
}
