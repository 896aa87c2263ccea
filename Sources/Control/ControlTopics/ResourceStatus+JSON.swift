package import JSON
package import RestoreModel

extension ResourceStatus {
  /// - Parameters:
  ///   - name: of the resource, for `jobName`.
  ///   - progress: false for the state's hash, which progress isn't part of, and a `PlanRecord` is.
  package func json(name: String, progress withProgress: Bool = true) -> JSONValue {
    .build { fields in
      fields.put("uid", uid.text)
      fields.put("phase", phase?.rawValue)
      fields.put("message", phase?.shown)
      fields.put("stopping", stopping?.rawValue)
      if !conditions.isEmpty { fields["conditions"] = .array(conditions.map(\.json)) }
      fields.put("observedGeneration", observedGeneration)
      fields.put("run", run)
      if run > 0 { fields.put("jobName", "\(name)-\(run)") }
      fields.put("startTime", startTime)
      fields.put("completionTime", completionTime)
      fields.put("warnings", warnings)
      if withProgress { fields["progress"] = progress?.json }
      fields["controller"] = controller.json(whole: !withProgress)
    }
  }

  init?(reading fields: inout ObjectReader) {
    let uid = fields.string("uid")
    let phase = fields.optionalChoice("phase", of: Phase.self)
    let stopping = fields.optionalChoice("stopping", of: Stopping.self)
    let conditions = fields.optionalObjects("conditions") { Condition(reading: &$0) }
    let generation = fields.int("observedGeneration", in: Counted.range)
    let run = fields.int("run", in: 0...Int64(Int32.max))
    let startTime = fields.optionalInstant("startTime")
    let completionTime = fields.optionalInstant("completionTime")
    let warnings = fields.optionalStrings("warnings")
    let progress = fields.optionalObject("progress") { Progress(reading: &$0) }
    let controller = fields.object("controller") { ControllerState(reading: &$0) }
    // Both follow from what else stands here.
    fields.ignore("message", "jobName")
    fields.finish()
    guard let uid, let generation, let run, let controller else { return nil }
    self.init(uid: UID(uid), observedGeneration: generation, phase: phase)
    self.stopping = stopping
    self.conditions = conditions ?? []
    self.run = Int(run)
    self.startTime = startTime
    self.completionTime = completionTime
    self.warnings = warnings ?? []
    self.progress = progress
    self.controller = controller
  }
}

extension Condition {
  package var json: JSONValue {
    .build { fields in
      fields.put("type", type.rawValue)
      fields.put("status", status.rawValue)
      fields.put("reason", reason)
      fields.put("message", message)
      fields.put("lastTransitionTime", lastTransitionTime)
      fields.put("observedGeneration", observedGeneration)
    }
  }

  init?(reading fields: inout ObjectReader) {
    let type = fields.choice("type", of: Kind.self)
    let status = fields.choice("status", of: Status.self)
    let reason = fields.string("reason")
    let message = fields.string("message")
    let time = fields.instant("lastTransitionTime")
    let generation = fields.int("observedGeneration", in: Counted.range)
    fields.finish()
    guard let type, let status, let reason, let message, let time, let generation else { return nil }
    self.init(
      type, status, reason: reason, message: message, lastTransitionTime: time, observedGeneration: generation)
  }
}
