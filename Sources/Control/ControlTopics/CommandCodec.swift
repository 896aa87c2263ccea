package import Crypto
import JSON
package import RestoreModel

/// Turns a record of `commands` into the input of a decision. Every record is a command, whatever it holds: what can't be read is
/// a rejection, which the decision answers like any other, so that nobody waits in vain and nothing blocks the topic.
package enum CommandCodec {
  /// - Parameter state: as it is when this very command is decided: `Configure` patches the spec that stands there.
  /// - Throws: only when OpenSSL can't compute a SHA-256.
  package static func decode(_ record: ControlRecord, state: ControlState) throws(CryptoError) -> CommandInput {
    var key: ResourceKey?
    if case .resource(let named)? = RecordKey(bytes: record.key) { key = named }
    let message: Result<CommandMessage, Rejection> = Result { () throws(Rejection) in
      try CommandMessage.decode(record.value)
    }
    // A rule of the installation, not of the record: without an id no uid can be derived, and nothing may be decided.
    let installation = state.installation ?? ""
    var input = CommandInput(
      offset: record.offset, time: time(of: record, state), key: key,
      newUID: try UID(installation: installation, offset: record.offset),
      command: Result { () throws(Rejection) in
        let message = try message.get()
        guard let key else { throw .unreadableKey(record.key) }
        guard state.installation != nil else { throw .withoutInstallation }
        return try resolve(message.body, key, state)
      })
    if case .success(let message) = message {
      input.id = message.id
      input.expectedGeneration = message.expectedGeneration
      input.claimedActor = message.claimedActor
      input.reason = message.reason
    }
    if input.id == nil { input.id = cloudEventID(record) }
    return input
  }

  /// Time comes from the broker and never goes back, nor beyond what RFC 3339 can write.
  private static func time(of record: ControlRecord, _ state: ControlState) -> Instant {
    let latest: Int64 = 253_402_300_799_999
    return max(state.time, Instant(milliseconds: min(max(record.timestamp, 0), latest)))
  }

  /// CloudEvents in binary mode: the producer's id makes a repeat harmless. One that is empty or too long to remember is none.
  private static func cloudEventID(_ record: ControlRecord) -> String? {
    guard let id = record.header("ce_id"), (1...CommandMessage.longestID).contains(id.utf8.count) else { return nil }
    return id
  }

  private static func resolve(
    _ body: CommandMessage.Body, _ key: ResourceKey, _ state: ControlState
  ) throws(Rejection) -> Command {
    switch body {
    case .apply(let resource): .apply(try ResourceDocument.decode(resource, expectedKey: key))
    case .create(let spec, let metadata): .create(try created(spec, metadata, key))
    case .mapTopic(let mapping): .mapTopic(mapping)
    case .unmapTopic(let target): .unmapTopic(target: target)
    case .importTopics(let glob, let prefix, let suffix):
      .importTopics(glob: glob, prefix: prefix ?? "", suffix: suffix ?? "")
    case .configure(let patch): .configure(try configured(patch, key, state))
    case .enable: .enable
    case .disable: .disable
    case .retry: .retry
    case .restart: .restart
    case .delete: .delete
    }
  }

  /// The key says kind and name, so the rest of the document is what `Apply` would have carried.
  private static func created(
    _ spec: JSONValue, _ metadata: JSONValue?, _ key: ResourceKey
  ) throws(Rejection) -> ResourceDocument {
    var members = JSONObject()
    if let metadata {
      guard let given = metadata.object else {
        throw Rejection.invalid([.init("metadata", "must be an object, not \(metadata.kind)")])
      }
      members = given
    }
    if members["name"]?.isNull ?? true { members.put("name", key.name) }
    if members["namespace"]?.isNull ?? true { members.put("namespace", key.namespace) }
    let document: JSONValue = [
      "apiVersion": .string(DocumentForm.apiVersion), "kind": .string(key.kind.rawValue),
      "metadata": .object(members), "spec": spec,
    ]
    return try ResourceDocument.decode(document, expectedKey: key)
  }

  private static func configured(
    _ patch: JSONValue, _ key: ResourceKey, _ state: ControlState
  ) throws(Rejection) -> ResourceSpec {
    guard let current = state.resources[key] else { throw Rejection(.notFound, "\(key) does not exist") }
    guard patch.object != nil else {
      throw Rejection.invalid([.init("spec", "must be an object, not \(patch.kind)")])
    }
    // What stands in the state is `topics`; a patch of the older form would have to be merged with something that isn't there.
    if case .object(let mapping)?? = patch["config"].map({ $0["mapping"] }), !mapping.isEmpty {
      throw Rejection.invalid([
        .init("config.mapping", "can't be patched; send config.topics as a whole, or Apply the document")
      ])
    }
    var warnings: [String] = []
    return try ResourceSpec.decode(current.spec.json.applying(mergePatch: patch), of: key, warnings: &warnings)
  }
}

extension Rejection {
  fileprivate static func unreadableKey(_ key: [UInt8]?) -> Rejection {
    .malformed(
      key == nil
        ? "the record has no key; it must be restores/<namespace>/<name>, or the same with storages, eventhubs, credentials"
        : "the record's key must be restores/<namespace>/<name>, or the same with storages, eventhubs, credentials")
  }

  fileprivate static var withoutInstallation: Rejection {
    Rejection(.unavailable, "the control topics carry no installation id yet; create them with: thaw topics create")
  }
}
