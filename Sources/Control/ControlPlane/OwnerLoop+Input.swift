import ControlTopics
import RestoreModel

extension OwnerLoop {
  /// What a record asks, read just before it is decided: a merge patch is one of the document as it is by then.
  func input(from record: ControlRecord) async throws -> CommandInput {
    var input = try CommandCodec.decode(record, state: ledger.state)
    if case .success(.importTopics) = input.command, let key = input.key {
      input.archivedTopics = await archivedTopics(for: key)
    }
    return input
  }

  /// Nil when the document or its storage doesn't exist, which the decision finds out itself.
  private func archivedTopics(for key: ResourceKey) async -> Result<[TopicName], Rejection>? {
    guard let spec = ledger.state.resources[key]?.restoreSpec else { return nil }
    let namespace = key.namespace
    func find(_ kind: ResourceKind, _ name: String) -> ResourceSpec? {
      ledger.state.resources[ResourceKey(kind, namespace: namespace, name: name)]?.spec
    }
    guard case .storage(let storage)? = find(.storage, spec.source) else {
      return .failure(Rejection(.unavailable, "Storage \"\(spec.source)\" does not exist"))
    }
    var credentials: CredentialsSpec?
    if let name = spec.sourceCredentials {
      guard case .credentials(let found)? = find(.credentials, name) else {
        return .failure(Rejection(.unavailable, "Credentials \"\(name)\" do not exist"))
      }
      credentials = found
    }
    return await list(storage, credentials, named: spec.source)
  }

  private func list(
    _ storage: StorageSpec, _ credentials: CredentialsSpec?, named name: String
  ) async -> Result<[TopicName], Rejection> {
    let (work, clock, limit) = (plane.work, plane.clock, plane.settings.listingTimeout)
    return await withTaskGroup(of: Result<[TopicName], Rejection>?.self) { group in
      group.addTask { await work.archivedTopics(in: storage, credentials: credentials) }
      group.addTask {
        try? await clock.sleep(milliseconds: limit)
        return nil
      }
      defer { group.cancelAll() }
      let first = await group.next() ?? nil
      return first
        ?? .failure(Rejection(.unavailable, "Storage \"\(name)\" did not list its topics within \(limit) ms"))
    }
  }
}
