package import JSON
package import RestoreModel

/// The value of a record of `commands`, as its sender wrote it: documents and patches are not read yet, since what they mean
/// may depend on the state at the moment of the decision.
package struct CommandMessage: Hashable, Sendable {
  package enum Body: Hashable, Sendable {
    /// The whole document: create or replace.
    case apply(resource: JSONValue)
    case create(spec: JSONValue, metadata: JSONValue?)
    case mapTopic(TopicMapping)
    case unmapTopic(target: TopicName)
    case importTopics(glob: String?, prefix: String?, suffix: String?)
    /// A merge patch (RFC 7396) of the spec.
    case configure(patch: JSONValue)
    case enable, disable, retry, restart, delete
  }

  package var body: Body
  /// A repeat of an id that was handled already changes nothing.
  package var id: String?
  /// Compare-and-set.
  package var expectedGeneration: Int64?
  /// A claim, no proof.
  package var claimedActor: String?
  package var reason: String?

  package init(
    _ body: Body, id: String? = nil, expectedGeneration: Int64? = nil, claimedActor: String? = nil,
    reason: String? = nil
  ) {
    self.body = body
    self.id = id
    self.expectedGeneration = expectedGeneration
    self.claimedActor = claimedActor
    self.reason = reason
  }

  package var json: JSONValue {
    .build { fields in
      fields.put("command", body.name.rawValue)
      body.write(to: &fields)
      fields.put("id", id)
      fields.put("expectedGeneration", expectedGeneration)
      fields.put("claimedActor", claimedActor)
      fields.put("reason", reason)
    }
  }

  /// The record to send. A tool that repeats a send should give it an `id`.
  package func record(for key: ResourceKey) -> OutgoingControlRecord {
    OutgoingControlRecord(topic: .commands, key: RecordKey.resource(key).bytes, value: json.serialized())
  }
}

/// The word in `command`.
package enum CommandName: String, CaseIterable, Sendable {
  case apply = "Apply"
  case create = "Create"
  case mapTopic = "MapTopic"
  case unmapTopic = "UnmapTopic"
  case importTopics = "ImportTopics"
  case configure = "Configure"
  case enable = "Enable"
  case disable = "Disable"
  case retry = "Retry"
  case restart = "Restart"
  case delete = "Delete"
  /// Names for turning `enabled` off and on.
  case pause = "Pause"
  case resume = "Resume"
}

extension CommandMessage.Body {
  var name: CommandName {
    switch self {
    case .apply: .apply
    case .create: .create
    case .mapTopic: .mapTopic
    case .unmapTopic: .unmapTopic
    case .importTopics: .importTopics
    case .configure: .configure
    case .enable: .enable
    case .disable: .disable
    case .retry: .retry
    case .restart: .restart
    case .delete: .delete
    }
  }

  fileprivate func write(to fields: inout JSONObject) {
    switch self {
    case .apply(let resource): fields["resource"] = resource
    case .create(let spec, let metadata):
      fields["spec"] = spec
      fields["metadata"] = metadata
    case .mapTopic(let mapping):
      mapping.write(to: &fields)
      // The default says nothing that the command's name doesn't.
      if !mapping.disablePreflightChecks { fields["disablePreflightChecks"] = nil }
    case .unmapTopic(let target): fields.put("target", target.text)
    case .importTopics(let glob, let prefix, let suffix):
      fields.put("glob", glob)
      fields.put("prefix", prefix)
      fields.put("suffix", suffix)
    case .configure(let patch): fields["spec"] = patch
    case .enable, .disable, .retry, .restart, .delete: break
    }
  }
}
