/// What anybody may ask. `Configure`'s merge patch and `Apply`'s document have been read against the schema by the codec.
package enum Command: Hashable, Sendable {
  case apply(ResourceDocument)
  case create(ResourceDocument)
  case mapTopic(TopicMapping)
  case unmapTopic(target: TopicName)
  /// Topics of the archive that match `glob` (nil: all) and aren't mapped yet, each to `prefix + name + suffix`.
  case importTopics(glob: String?, prefix: String, suffix: String)
  /// The whole spec after the patch.
  case configure(ResourceSpec)
  case enable
  case disable
  case retry
  case restart
  case delete

  package var name: String {
    switch self {
    case .apply: "Apply"
    case .create: "Create"
    case .mapTopic: "MapTopic"
    case .unmapTopic: "UnmapTopic"
    case .importTopics: "ImportTopics"
    case .configure: "Configure"
    case .enable: "Enable"
    case .disable: "Disable"
    case .retry: "Retry"
    case .restart: "Restart"
    case .delete: "Delete"
    }
  }
}

/// One record of `commands`, as it reaches a decision.
package struct CommandInput: Sendable {
  /// Offset in `commands`.
  package var offset: Int64
  /// The broker's time of the append, raised to the latest time that was decided at: it never goes back.
  package var time: Instant
  /// Nil when the record's key names no resource.
  package var key: ResourceKey?
  package var id: String?
  package var expectedGeneration: Int64?
  package var claimedActor: String?
  package var reason: String?
  /// The uid that a resource gets if this very command creates it.
  package var newUID: UID
  /// A record that could not be read is a rejection already.
  package var command: Result<Command, Rejection>
  /// For `importTopics`: the topics of the archive, or why they couldn't be listed.
  package var archivedTopics: Result<[TopicName], Rejection>?

  package init(offset: Int64, time: Instant, key: ResourceKey?, newUID: UID, command: Result<Command, Rejection>) {
    self.offset = offset
    self.time = time
    self.key = key
    self.newUID = newUID
    self.command = command
  }
}

/// The user is told: as an event, on standard error, or as an HTTP status. Values are never echoed where they may be secrets.
package struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: String, CaseIterable, Sendable {
    /// The record is no readable command: no JSON, no object, an unknown command or field, an unreadable key.
    case malformed = "Malformed"
    /// The document breaks a rule; `errors` has one entry a rule.
    case invalid = "Invalid"
    case notFound = "NotFound"
    case alreadyExists = "AlreadyExists"
    /// `expectedGeneration` is not the document's.
    case conflict = "Conflict"
    /// A run is unfinished: only `enabled`, `description`, `throttle` and metadata may change.
    case specLocked = "SpecLocked"
    /// The command makes no sense in this state, such as `Retry` of what has not failed.
    case notApplicable = "NotApplicable"
    /// The resource is being deleted.
    case terminating = "Terminating"
    /// A Storage, EventHub or Credentials that an unfinished run uses.
    case inUse = "InUse"
    case tooLarge = "TooLarge"
    /// What the command needs (the archive's list of topics) can't be had now.
    case unavailable = "Unavailable"
    /// Written for a newer version of the contract.
    case newerVersion = "NewerVersion"
  }
  package var reason: Reason
  package var message: String
  package var errors: [FieldProblem]

  package init(_ reason: Reason, _ message: String, errors: [FieldProblem] = []) {
    self.reason = reason
    self.message = message
    self.errors = errors
  }

  package var description: String {
    errors.isEmpty ? message : errors.map(\.description).joined(separator: "; ")
  }
}

/// One thing wrong with a document: `config.topics[1].target: "a" is already the target of topics[0]`.
package struct FieldProblem: Hashable, Sendable, CustomStringConvertible {
  package var path: String
  package var message: String
  package init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }
  package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
