/// Everything the control plane knows: the fold of its topics. A copy is cheap, whatever it holds.
package struct ControlState: Hashable, Sendable {
  /// The UUID that `topics create` wrote; nil on an installation that has none yet.
  package var installation: String?
  /// The owner's epoch as recorded last; 0: none yet.
  package var epoch: Int64 = 0
  /// Of the last event; 0: none yet.
  package var sequence: Int64 = 0
  /// The highest offset of `commands` decided; −1: none yet.
  package var commandsThrough: Int64 = -1
  /// The latest time anything was decided at.
  package var time = Instant(milliseconds: 0)
  package var resources: PersistentMap<ResourceKey, Resource> = [:]
  package var deleted: PersistentMap<ResourceKey, DeletedResource> = [:]

  package init() {}
}

/// Command ids that outlive a deletion, for seven days.
package struct DeletedResource: Hashable, Sendable {
  package var commandIDs: [String]
  package var deletedAt: Instant
  package static let rememberedForMilliseconds: Int64 = 7 * 24 * 3600 * 1000

  package init(commandIDs: [String], deletedAt: Instant) {
    self.commandIDs = commandIDs
    self.deletedAt = deletedAt
  }

  package func isForgotten(at time: Instant) -> Bool {
    time.milliseconds - deletedAt.milliseconds > Self.rememberedForMilliseconds
  }
}
