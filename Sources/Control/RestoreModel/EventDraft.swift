/// What a decision yields: the part of an event that doesn't depend on where it stands in the log.
package struct EventDraft: Hashable, Sendable {
  /// Nil: answered under the key `invalid`, or the installation's own.
  package var key: ResourceKey?
  package var content: Event.Content
  package var outcome: Bool

  package init(_ key: ResourceKey?, _ content: Event.Content, outcome: Bool = false) {
    self.key = key
    self.content = content
    self.outcome = outcome
  }
}
