package import RestoreModel

/// What the key of a record in a control topic names.
package enum RecordKey: Hashable, Sendable, CustomStringConvertible {
  case resource(ResourceKey)
  /// In `specs` the installation's identity and epoch, in `status` the conditions of the service, in `events` changes of ownership.
  case installation
  /// In `status`: command ids that outlive a deletion.
  case deleted(ResourceKey)
  /// In `status`: how far the archives of a run of many partitions reached.
  case plan(ResourceKey)
  /// In `events`: the answer to a command whose own key was unreadable.
  case invalid

  private static let deletedPrefix = "deleted/"
  private static let planPrefix = "plans/"

  package init?(parsing text: String) {
    switch text {
    case "installation": self = .installation
    case "invalid": self = .invalid
    case _ where text.hasPrefix(Self.deletedPrefix):
      guard let key = ResourceKey(parsing: String(text.dropFirst(Self.deletedPrefix.count))) else { return nil }
      self = .deleted(key)
    case _ where text.hasPrefix(Self.planPrefix):
      guard let key = ResourceKey(parsing: String(text.dropFirst(Self.planPrefix.count))) else { return nil }
      self = .plan(key)
    default:
      guard let key = ResourceKey(parsing: text) else { return nil }
      self = .resource(key)
    }
  }

  /// Nil for no key at all, for bytes that are no UTF-8, and for text that names nothing.
  package init?(bytes: [UInt8]?) {
    guard let bytes, let text = String(validating: bytes, as: UTF8.self) else { return nil }
    self.init(parsing: text)
  }

  package var description: String {
    switch self {
    case .resource(let key): key.description
    case .installation: "installation"
    case .deleted(let key): Self.deletedPrefix + key.description
    case .plan(let key): Self.planPrefix + key.description
    case .invalid: "invalid"
    }
  }

  package var bytes: [UInt8] { Array(description.utf8) }
}
