import RestoreModel

extension Arbitrary {
  mutating func spec(_ kind: ResourceKind) -> ResourceSpec {
    switch kind {
    case .restore: .restore(restore())
    case .storage: .storage(storage())
    case .eventHub: .eventHub(EventHubSpec(properties: map(), description: maybe { $0.text() }))
    case .credentials: .credentials(credentials())
    }
  }

  mutating func restore() -> RestoreSpec {
    var spec = RestoreSpec(source: text(), sink: text())
    spec.enabled = bool()
    spec.description = maybe { $0.text() }
    spec.sourceCredentials = maybe { $0.text() }
    spec.sinkCredentials = maybe { $0.text() }
    spec.sourceAdditionalProperties = map()
    spec.sinkAdditionalProperties = map()
    spec.config = config()
    return spec
  }

  private mutating func config() -> RestoreConfig {
    var config = RestoreConfig()
    config.topics = list { $0.mapping() }
    config.parallelism = int(1...9)
    config.maxProducers = int(0...9)
    config.legacyOffsetHeader = maybe { $0.text() }
    config.restoreFromDateTime = maybe { $0.instant() }
    config.restoreUntilDateTime = maybe { $0.instant() }
    config.filterFromDateTime = maybe { $0.instant() }
    config.filterToDateTime = maybe { $0.instant() }
    for _ in 0..<int(0...3) { config.schemaMapping[Int32(int(0...Int(Int32.max)))] = Int32(int(0...9)) }
    config.schemaMappingFrom = maybe { SchemaMappingReference(file: $0.text()) }
    config.onUnmappedSchema = choice()
    config.createTargets = choice()
    config.delivery = choice()
    config.throttleBytesPerSecond = maybe { max(1, $0.offset()) }
    config.verify = choice()
    config.onZeroTimestamp = choice()
    config.recordPath = choice()
    return config
  }

  mutating func mapping() -> TopicMapping {
    var mapping = TopicMapping(source: topic(), target: topic())
    mapping.disablePreflightChecks = bool()
    mapping.partitions = maybe { arbitrary in
      arbitrary.list { arbitrary in
        PartitionSelection(
          number: Int32(arbitrary.int(0...99)), restoreFromOffset: arbitrary.maybe { $0.offset() },
          restoreUntilOffset: arbitrary.maybe { $0.offset() })
      }
    }
    return mapping
  }

  private mutating func storage() -> StorageSpec {
    if bool() { return .volume(path: text()) }
    var location = S3Location(bucket: text())
    location.region = text()
    location.prefix = maybe { $0.text() }
    location.endpoint = maybe { $0.text() }
    location.forcePathStyle = bool()
    return .s3(location)
  }

  private mutating func credentials() -> CredentialsSpec {
    switch int(0...3) {
    case 0:
      .aws(
        accessKeyIDFrom: secret(), secretAccessKeyFrom: secret(), sessionTokenFrom: maybe { $0.secret() })
    case 1: .httpBasic(username: text(), passwordFrom: secret())
    case 2:
      .mutualTLS(
        certificateFrom: secret(), keyFrom: secret(), caFrom: maybe { $0.secret() },
        keyPasswordFrom: maybe { $0.secret() })
    default:
      .sasl(
        SASLCredentials(mechanism: choice(), username: maybe { $0.text() }, passwordFrom: maybe { $0.secret() }))
    }
  }

  mutating func secret() -> SecretReference { bool() ? .environment(text()) : .file(text()) }

  mutating func document(_ kind: ResourceKind) -> ResourceDocument {
    var document = ResourceDocument(
      key: ResourceKey(kind, namespace: element(["default", "prod"]), name: name()), spec: spec(kind),
      labels: maybe { $0.map() }, annotations: maybe { $0.map() })
    document.warnings = list { $0.text() }
    return document
  }
}
