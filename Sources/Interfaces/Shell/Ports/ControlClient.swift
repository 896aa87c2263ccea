package import ControlTopics
package import RestoreModel

/// What the command line needs of the control topics; the executable adapts a Kafka client to it. Errors are `ShellFailure`s that name the
/// broker, so that a verb never has to translate one.
package protocol ControlClient: Sendable {
  /// Appends commands, in order. Of each the offset in `commands`, nil when the broker acknowledged without telling, or why it was not
  /// delivered.
  func submit(_ commands: [AddressedCommand]) async throws -> [Result<Int64?, ShellFailure>]

  /// The same, and waits for the answers, one for each in the same order: what is read afterwards shows what was decided. `timeout` is how long
  /// to wait for a next answer.
  func decide(_ commands: [AddressedCommand], timeout: Duration) async throws -> [Answer]

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

package struct AddressedCommand: Sendable {
  package var key: ResourceKey
  package var message: CommandMessage

  package init(_ key: ResourceKey, _ message: CommandMessage) {
    self.key = key
    self.message = message
  }
}

package enum Answer: Sendable {
  /// The one event that is the command's outcome.
  case decided(EventRecord)
  /// Nobody decided in time; it stands there and will be decided yet.
  case undecided(offset: Int64?)
  /// It is not in the topic, as far as anybody knows.
  case undelivered(ShellFailure)
}
