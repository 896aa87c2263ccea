package import ControlTopics
package import RestoreModel

/// A document for people: what it says, how it stands, what happened last, and what to do next.
package struct Description {
  let resource: Resource
  /// The latest, oldest first.
  let events: [EventRecord]
  let now: Instant

  package init(resource: Resource, events: [EventRecord], now: Instant) {
    self.resource = resource
    self.events = events
    self.now = now
  }

  package var lines: [String] {
    var lines = head + specLines
    if let progress = resource.status.progress { lines += progressLines(progress) }
    lines += conditionLines
    if !resource.status.warnings.isEmpty {
      lines += ["Warnings:"] + resource.status.warnings.map { "  \($0)" }
    }
    if !events.isEmpty {
      lines += ["Events:"] + events.map { "  " + EventLines.line($0, withKey: false) }
    }
    if let next = NextStep.of(resource) { lines += ["", "Next: \(next)"] }
    return lines
  }

  private func field(_ name: String, _ value: String) -> String { "\(name):".padded(to: 14) + value }

  private func optional(_ name: String, _ value: String?) -> [String] { value.map { [field(name, $0)] } ?? [] }

  private var head: [String] {
    let metadata = resource.metadata
    var lines = [
      field("Name", metadata.name), field("Namespace", metadata.namespace), field("Kind", resource.spec.kind.rawValue),
      field("UID", metadata.uid.text), field("Generation", String(metadata.generation)),
      field("Created", "\(metadata.creationTimestamp) (\(Figure.age(metadata.creationTimestamp, now: now)) ago)"),
    ]
    for (name, map) in [("Labels", metadata.labels), ("Annotations", metadata.annotations)] where !map.isEmpty {
      lines.append(field(name, map.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")))
    }
    if resource.status.phase != nil { lines.append(field("Status", ResourceRows.status(resource.status))) }
    if resource.status.run > 0 { lines.append(field("Run", String(resource.status.run))) }
    lines += optional("Started", resource.status.startTime?.description)
    lines += optional("Completed", resource.status.completionTime?.description)
    return lines
  }

  private var specLines: [String] {
    switch resource.spec {
    case .restore(let spec): restoreLines(spec)
    case .storage(let spec): [field("Location", ResourceRows.place(spec).location)]
    case .eventHub(let spec):
      optional("Description", spec.description) + [field("Brokers", spec.bootstrapServers ?? "-")]
        + [field("Properties", spec.properties.keys.sorted().joined(separator: ", "))]
    case .credentials(let spec): [field("Type", ResourceRows.form(spec))]
    }
  }

  private func restoreLines(_ spec: RestoreSpec) -> [String] {
    let config = spec.config
    var lines = optional("Description", spec.description)
    lines += [
      field("Source", spec.source), field("Sink", spec.sink), field("Enabled", spec.enabled ? "yes" : "no"),
      field("Delivery", config.delivery.rawValue), field("Verify", config.verify.rawValue),
    ]
    lines += optional("From", config.timeBounds.from.map { "\($0) (inclusive)" })
    lines += optional("Until", config.timeBounds.until.map { "\($0) (exclusive)" })
    lines += optional("Offset header", config.legacyOffsetHeader)
    if config.recordPath != .auto { lines.append(field("Record path", config.recordPath.rawValue)) }
    lines += optional("Throttle", config.throttleBytesPerSecond.map { "\(Figure.bytes($0))/s" })
    guard !config.topics.isEmpty else { return lines + [field("Topics", "none mapped yet")] }
    var table = Table(["SOURCE", "TARGET", "PARTITIONS"], indent: "  ")
    for mapping in config.topics {
      let partitions = mapping.partitions.map { $0.map(Self.selection).joined(separator: " ") } ?? "all"
      table.add([mapping.source.text, mapping.target.text, partitions])
    }
    return lines + ["Topics:"] + table.lines
  }

  private static func selection(_ selection: PartitionSelection) -> String {
    guard selection.restoreFromOffset != nil || selection.restoreUntilOffset != nil else {
      return "\(selection.number)"
    }
    let from = selection.restoreFromOffset.map(String.init) ?? ""
    let until = selection.restoreUntilOffset.map(String.init) ?? ""
    return "\(selection.number)[\(from)..\(until))"
  }

  private func progressLines(_ progress: Progress) -> [String] {
    let total = progress.total
    var summary =
      "\(progress.percent)%, \(Figure.count(total.recordsRestored)) of "
      + "\(Figure.count(total.recordsTotal, "record")) restored, \(Figure.bytes(total.bytesRestored))"
    if total.recordsFiltered > 0 { summary += ", \(Figure.count(total.recordsFiltered)) filtered out" }
    if progress.recordsPerSecond > 0 {
      summary += ", \(Figure.count(progress.recordsPerSecond)) (\(Figure.bytes(progress.bytesPerSecond))) a second"
    }
    if let left = progress.secondsLeft, progress.percent < 100 { summary += ", \(Figure.span(seconds: left)) left" }
    let batches = total.batches.isEmpty ? [] : ["BATCHES"]
    var table = Table(["TARGET", "LANE", "STATE", "RESTORED", "FILTERED", "TOTAL"] + batches, indent: "  ")
    for topic in progress.topics {
      table.add(
        [
          topic.target.text, topic.lane.map(\.description) ?? "-", topic.state.rawValue,
          Figure.count(topic.figures.recordsRestored),
          Figure.count(topic.figures.recordsFiltered), Figure.count(topic.figures.recordsTotal),
        ] + batches.map { _ in Figure.batches(topic.figures.batches) })
    }
    return [field("Progress", summary)] + table.lines + schemaLines(total.schemas)
  }

  private func schemaLines(_ schemas: SchemaCounts) -> [String] {
    guard !schemas.isEmpty else { return [] }
    var ids = schemas.unmapped.sorted { $0.key < $1.key }.map { "\($0.key) (\(Figure.count($0.value)))" }
    let others = schemas.unmappedTotal - schemas.unmapped.values.reduce(0, +)
    if others > 0 { ids.append("others (\(Figure.count(others)))") }
    return [
      field("Schema ids", "not mapped: \(ids.isEmpty ? "none" : ids.joined(separator: ", "))"),
      field("", "\(Figure.count(schemas.unframedRecords, "record")) without one"),
    ]
  }

  private var conditionLines: [String] {
    guard !resource.status.conditions.isEmpty else { return [] }
    var table = Table(["TYPE", "STATUS", "REASON", "AGE", "MESSAGE"], indent: "  ")
    for condition in resource.status.conditions {
      table.add([
        condition.type.rawValue, condition.status.rawValue, condition.reason,
        Figure.age(condition.lastTransitionTime, now: now), condition.message,
      ])
    }
    return ["Conditions:"] + table.lines
  }
}
