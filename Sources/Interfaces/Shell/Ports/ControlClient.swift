package import ControlTopics
package import RestoreModel

/// What the command line needs of the control topics; the executable adapts a Kafka client to it. Errors are `ShellFailure`s that name the
/// broker, so that a verb never has to translate one.
package protocol ControlClient: Sendable {
  /// Appends a command. The offset in `commands`, nil when the broker acknowledged without telling.
  func submit(_ command: CommandMessage, to key: ResourceKey) async throws -> Int64?

  /// The same, and waits for the answer: what is read after it shows what was decided.
  func decide(_ command: CommandMessage, of key: ResourceKey, timeout: Duration) async throws -> Answer

  /// Every document there is now.
  func resources() async throws -> [ResourceKey: Resource]

  /// The same, and then again whenever something changes, until the caller stops listening.
  func states() -> AsyncThrowingStream<[ResourceKey: Resource], any Error>

  /// The history from an offset of `events` on, to its present end or, with `follow`, without end; of one resource, or of all.
  func events(from offset: Int64, of key: ResourceKey?, follow: Bool) -> AsyncThrowingStream<EventRecord, any Error>

  /// Replays the history up to an offset of `events`, itself included, or all of it, which is then compared with what is held now. What
  /// doesn't agree stands in the report.
  func audit(of key: ResourceKey?, until offset: Int64?) async throws -> AuditReport
}

package enum Answer: Sendable {
  /// The one event that is the command's outcome.
  case decided(EventRecord)
  /// Nobody decided in time; it stands there and will be decided yet.
  case undecided(offset: Int64?)
}
