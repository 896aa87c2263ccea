package import RestoreModel

/// Where runs are worked on. Level-triggered: the control plane says what should be running, never what to do next; nothing above
/// this port knows whether the work is done in this process or elsewhere.
package protocol WorkQueue: Sendable {
  /// From now on exactly `items` should be running for the Restore `key`. An item that runs already (same id) takes over the new
  /// changeable part; one that is no longer in the list stops at its next checkpoint (a seal waits for that); a new one starts.
  func reconcile(_ key: ResourceKey, _ items: [WorkItem])

  /// The owner's term ended: everything stops as soon as it can, and what it still reports is not wanted.
  func stopAll() async

  /// What the work reports, in order for each item. One consumer.
  var facts: AsyncStream<Fact> { get }

  /// Topic names of an archive, for `ImportTopics`. Every other decision waits for it: it must return soon after its task is cancelled, as it
  /// is after a few seconds.
  func archivedTopics(in storage: StorageSpec, credentials: CredentialsSpec?) async -> Result<[TopicName], Rejection>
}

/// Time as the control plane sees it; decisions get it handed in.
package protocol Clock: Sendable {
  func now() -> Instant
  /// Returns after `milliseconds`, or earlier, throwing, when the task is cancelled.
  func sleep(milliseconds: Int64) async throws
}
