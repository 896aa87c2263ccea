/// `metadata` of a document.
package struct Metadata: Hashable, Sendable {
  package var name: String
  package var namespace: String
  package var uid: UID
  /// Counts changes of `spec`, from 1.
  package var generation: Int64
  package var creationTimestamp: Instant
  package var labels: [String: String] = [:]
  package var annotations: [String: String] = [:]

  package init(name: String, namespace: String, uid: UID, generation: Int64, creationTimestamp: Instant) {
    self.name = name
    self.namespace = namespace
    self.uid = uid
    self.generation = generation
    self.creationTimestamp = creationTimestamp
  }
}

/// `spec` of any kind.
package enum ResourceSpec: Hashable, Sendable {
  case restore(RestoreSpec)
  case storage(StorageSpec)
  case eventHub(EventHubSpec)
  case credentials(CredentialsSpec)

  package var kind: ResourceKind {
    switch self {
    case .restore: .restore
    case .storage: .storage
    case .eventHub: .eventHub
    case .credentials: .credentials
    }
  }
}

/// What a user writes: the part of a document that is theirs. Labels and annotations nil: left as they are.
package struct ResourceDocument: Hashable, Sendable {
  package var key: ResourceKey
  package var labels: [String: String]?
  package var annotations: [String: String]?
  package var spec: ResourceSpec
  /// What was normalised while reading it, such as the deprecated `config.mapping`.
  package var warnings: [String] = []

  package init(
    key: ResourceKey, spec: ResourceSpec, labels: [String: String]? = nil, annotations: [String: String]? = nil
  ) {
    self.key = key
    self.spec = spec
    self.labels = labels
    self.annotations = annotations
  }
}

/// One complete document: what `specs` and `status` hold under its key.
package struct Resource: Hashable, Sendable {
  package var metadata: Metadata
  package var spec: ResourceSpec
  package var status: ResourceStatus

  package init(metadata: Metadata, spec: ResourceSpec, status: ResourceStatus) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  package var key: ResourceKey { ResourceKey(spec.kind, namespace: metadata.namespace, name: metadata.name) }

  package var restoreSpec: RestoreSpec? {
    if case .restore(let spec) = spec { spec } else { nil }
  }
}
