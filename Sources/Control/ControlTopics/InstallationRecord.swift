import JSON
package import RestoreModel

/// The version of the contract that this program writes; it reads no newer one.
package enum ContractVersion {
  package static let current: Int64 = 1
}

/// `installation` in `specs`: written when the topics are created, and by each new owner in its first transaction.
package struct InstallationRecord: Hashable, Sendable {
  /// A UUID in its lower-case form.
  package var installation: String
  /// The owner's; 0: there was none yet.
  package var epoch: Int64

  package init(installation: String, epoch: Int64) {
    self.installation = installation
    self.epoch = epoch
  }

  var json: JSONValue {
    .build { fields in
      fields.put("installation", installation)
      fields.put("version", ContractVersion.current)
      fields.put("epoch", epoch)
    }
  }

  init?(reading fields: inout ObjectReader) {
    let installation = fields.string("installation")
    let epoch = fields.int("epoch", in: Counted.range)
    fields.ignore("version")
    fields.finish()
    guard let installation, let epoch else { return nil }
    self.init(installation: installation, epoch: epoch)
  }
}

extension DeletedResource {
  var json: JSONValue {
    ["commandIds": .strings(commandIDs), "deletedAt": .string(deletedAt.description)]
  }

  init?(reading fields: inout ObjectReader) {
    let ids = fields.strings("commandIds")
    let time = fields.instant("deletedAt")
    fields.finish()
    guard let ids, let time else { return nil }
    self.init(commandIDs: ids, deletedAt: time)
  }
}

/// A condition of the service itself, such as a foreign transaction left open on one of its topics: `installation` in `status`.
package struct ServiceCondition: Hashable, Sendable {
  package var type: String
  package var status: Condition.Status
  package var reason: String
  /// Names topic, partition and remedy.
  package var message: String
  package var lastTransitionTime: Instant

  package init(
    _ type: String, _ status: Condition.Status, reason: String, message: String, lastTransitionTime: Instant
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.lastTransitionTime = lastTransitionTime
  }

  static func json(_ conditions: [ServiceCondition]) -> JSONValue {
    let list = conditions.map { condition in
      JSONValue.build { fields in
        fields.put("type", condition.type)
        fields.put("status", condition.status.rawValue)
        fields.put("reason", condition.reason)
        fields.put("message", condition.message)
        fields.put("lastTransitionTime", condition.lastTransitionTime)
      }
    }
    return ["conditions": .array(list)]
  }

  init?(reading fields: inout ObjectReader) {
    let type = fields.string("type")
    let status = fields.choice("status", of: Condition.Status.self)
    let reason = fields.string("reason")
    let message = fields.string("message")
    let time = fields.instant("lastTransitionTime")
    fields.finish()
    guard let type, let status, let reason, let message, let time else { return nil }
    self.init(type, status, reason: reason, message: message, lastTransitionTime: time)
  }

  static func list(reading fields: inout ObjectReader) -> [ServiceCondition]? {
    let conditions = fields.objects("conditions") { ServiceCondition(reading: &$0) }
    fields.finish()
    return conditions
  }
}
