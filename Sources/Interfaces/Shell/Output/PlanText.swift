import ColdStorage
package import JSON
package import RestoreEngine
package import RestoreModel

/// A dry run, for people and for programs.
package struct PlanText {
  private let item: WorkItem
  private let plan: DryRun

  package init(_ item: WorkItem, _ plan: DryRun) {
    self.item = item
    self.plan = plan
  }

  package var lines: [String] {
    let totals = plan.totals
    guard !item.spec.config.topics.isEmpty else { return ["\(item.id.key): no topic is mapped: nothing to restore"] }
    var lines = [
      "\(item.id.key): \(Figure.count(totals.records, "record")), \(Figure.bytes(Int64(clamping: totals.contentBytes))) of "
        + "\(Figure.count(Int64(plan.topics.count), "topic")) in \(Figure.count(Int64(plan.lanes.count), "lane"))",
      "from \(item.spec.source) (\(ResourceRows.place(item.source).location)) to \(item.spec.sink) "
        + "(\(item.sink.bootstrapServers ?? "-")), \(item.spec.config.delivery.rawValue), \(pace)",
    ]
    var table = Table(["SOURCE", "TARGET", "LANE", "PARTITION", "OFFSETS", "RECORDS", "BYTES", "FROM", "TO"])
    for topic in plan.topics {
      for partition in topic.partitions { table.add(row(topic, partition)) }
    }
    lines += table.lines
    lines.append("preflight: \(verdict)")
    return lines
  }

  private var pace: String {
    let config = item.spec.config
    let producers =
      config.maxProducers == 0 ? "any number of producers" : Figure.count(Int64(config.maxProducers), "producer")
    return "\(Figure.count(Int64(config.parallelism), "topic")) and \(producers) at a time"
  }

  private func row(_ topic: DryRun.Topic, _ partition: DryRun.Partition) -> [String] {
    let offsets = partition.offsets
    return [
      topic.source.text, topic.target.text + (topic.isCreated ? " (new)" : ""), topic.lane.map(\.description) ?? "-",
      String(partition.number), offsets.isEmpty ? "-" : "\(offsets.lowerBound)..\(offsets.upperBound - 1)",
      Figure.count(partition.totals.records), Figure.bytes(Int64(clamping: partition.totals.contentBytes)),
      Self.time(partition.totals.timestamps?.lowerBound), Self.time(partition.totals.timestamps?.upperBound),
    ]
  }

  private var verdict: String {
    let preflight = plan.preflight
    if !preflight.failures.isEmpty { return "\(Figure.count(Int64(preflight.failures.count), "check")) failed" }
    let verdict = preflight.disabled ? "no checks, they are disabled" : "passed"
    guard !preflight.warnings.isEmpty else { return verdict }
    return "\(verdict), with \(Figure.count(Int64(preflight.warnings.count), "warning"))"
  }

  private static func time(_ milliseconds: Int64?) -> String {
    milliseconds.map { Instant(milliseconds: $0).description } ?? "-"
  }

  package var json: JSONValue {
    let totals = plan.totals
    return [
      "restore": .string(item.id.key.description), "source": .string(item.spec.source), "sink": .string(item.spec.sink),
      "records": .int(totals.records), "bytes": .int(Int64(clamping: totals.contentBytes)),
      "lanes": .array(
        plan.lanes.map { lane in
          [
            "id": .int(Int64(lane.id.number)), "topics": .array(lane.topics.map { .string($0.text) }),
            "maxMessageBytes": .int(lane.maxMessageBytes),
          ]
        }),
      "topics": .array(plan.topics.map(topic)),
      "preflight": [
        "passed": .bool(plan.preflight.failures.isEmpty), "disabled": .bool(plan.preflight.disabled),
        "failures": .array(plan.preflight.failures.map { .string($0) }),
        "warnings": .array(plan.preflight.warnings.map { .string($0) }),
      ],
    ]
  }

  private func topic(_ topic: DryRun.Topic) -> JSONValue {
    [
      "source": .string(topic.source.text), "target": .string(topic.target.text),
      "lane": topic.lane.map { .int(Int64($0.number)) } ?? .null, "created": .bool(topic.isCreated),
      "partitions": .array(
        topic.partitions.map { partition in
          [
            "number": .int(Int64(partition.number)), "fromOffset": .int(partition.offsets.lowerBound),
            "untilOffset": .int(partition.offsets.upperBound), "records": .int(partition.totals.records),
            "bytes": .int(Int64(clamping: partition.totals.contentBytes)),
            "fromTime": Self.jsonTime(partition.totals.timestamps?.lowerBound),
            "toTime": Self.jsonTime(partition.totals.timestamps?.upperBound),
          ]
        }),
    ]
  }

  private static func jsonTime(_ milliseconds: Int64?) -> JSONValue {
    milliseconds.map { .string(Instant(milliseconds: $0).description) } ?? .null
  }
}
