import JSON
import RestoreModel

/// How far the archives of a run reached, in a record of its own under `plans/<resource key>`: it is written with the plan and not again, so that a
/// status, which is written every second, stays small however many partitions there are. It stands before the status that it belongs to.
struct PlanRecord: Hashable, Sendable {
  var uid: UID
  var run: Int
  var sources: [PlannedSource]

  /// Partitions whose ends a status carries itself.
  static let inlined = 256

  /// Nil where the status says it all.
  init?(_ resource: Resource?) {
    guard let status = resource?.status, status.controller.sources.areMany else { return nil }
    uid = status.uid
    run = status.run
    sources = status.controller.sources
  }

  init?(reading fields: inout ObjectReader) {
    let uid = fields.string("uid")
    let run = fields.int("run", in: 1...Int64(Int32.max))
    let sources = fields.optionalSources()
    fields.finish()
    guard let uid, let run else { return nil }
    self.uid = UID(uid)
    self.run = Int(run)
    self.sources = sources
  }

  var json: JSONValue {
    .build { fields in
      fields.put("uid", uid.text)
      fields.put("run", run)
      fields.put(sources)
    }
  }
}

extension [PlannedSource] {
  var areMany: Bool { reduce(0) { $0 + $1.ends.count } > PlanRecord.inlined }
}
