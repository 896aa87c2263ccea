extension RestoreSpec {
  /// Paths of what differs and may not change while a run is unfinished: all but `enabled`, `description` and `config.throttle`.
  /// The edit of a completed run's document that touches none of these leaves it `Done`.
  package func lockedChanges(to new: RestoreSpec) -> [String] {
    func path<Value: Equatable>(_ path: String, _ field: KeyPath<RestoreSpec, Value>) -> String? {
      self[keyPath: field] == new[keyPath: field] ? nil : path
    }
    let paths = [
      path("source", \.source), path("sink", \.sink),
      path("sourceCredentialsFrom", \.sourceCredentials), path("sinkCredentialsFrom", \.sinkCredentials),
      path("sourceAdditionalProps", \.sourceAdditionalProperties),
      path("sinkAdditionalProps", \.sinkAdditionalProperties),
      path("config.topics", \.config.topics), path("config.parallelism", \.config.parallelism),
      path("config.maxProducers", \.config.maxProducers),
      path("config.legacyOffsetHeader", \.config.legacyOffsetHeader),
      path("config.restoreFromDateTime", \.config.restoreFromDateTime),
      path("config.restoreUntilDateTime", \.config.restoreUntilDateTime),
      path("config.filters.time.absolute.fromDateTime", \.config.filterFromDateTime),
      path("config.filters.time.absolute.toDateTime", \.config.filterToDateTime),
      path("config.schemaMapping", \.config.schemaMapping),
      path("config.schemaMappingFrom", \.config.schemaMappingFrom),
      path("config.onUnmappedSchema", \.config.onUnmappedSchema),
      path("config.createTargets", \.config.createTargets), path("config.delivery", \.config.delivery),
      path("config.verify", \.config.verify), path("config.onZeroTimestamp", \.config.onZeroTimestamp),
      path("config.recordPath", \.config.recordPath),
    ]
    return paths.compactMap(\.self)
  }

  /// What the document says twice; shown, never silent.
  package var warnings: [String] {
    var warnings: [String] = []
    if config.restoreFromDateTime != nil, config.filterFromDateTime != nil {
      warnings.append("config.filters.time.absolute.fromDateTime wins over config.restoreFromDateTime; both are set")
    }
    if config.restoreUntilDateTime != nil, config.filterToDateTime != nil {
      warnings.append("config.filters.time.absolute.toDateTime wins over config.restoreUntilDateTime; both are set")
    }
    return warnings
  }
}
