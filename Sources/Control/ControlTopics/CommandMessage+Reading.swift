import JSON
package import RestoreModel

extension CommandMessage {
  /// Ids are remembered in the status of the resource, and come back in events.
  package static let longestID = 256
  package static let longestNote = 1024

  /// Total: any bytes are a message or a rejection that says what is wrong, where. Values are not repeated.
  package static func decode(_ value: [UInt8]?) throws(Rejection) -> CommandMessage {
    guard let value else {
      throw .malformed("the record has no value; a command is a JSON object with the member \"command\"")
    }
    let json: JSONValue
    do { json = try JSONValue.parse(value, root: .any) } catch {
      throw .malformed("the value is no JSON: \(error)")
    }
    if let version = json["version"]?.int, version > ContractVersion.current {
      throw Rejection(
        .newerVersion,
        "the command is of version \(version) of the contract; the service knows \(ContractVersion.current)")
    }
    do {
      return try Decode.object(json) { CommandMessage(reading: &$0) }
    } catch {
      throw Rejection(.malformed, "the record is no command", errors: error.problems)
    }
  }

  private init?(reading fields: inout ObjectReader) {
    let name = fields.choice("command", of: CommandName.self)
    let id = fields.optionalText("id", longest: Self.longestID)
    let generation = fields.optionalInt("expectedGeneration", in: 0...Int64.max)
    let actor = fields.optionalText("claimedActor", longest: Self.longestNote)
    let reason = fields.optionalText("reason", longest: Self.longestNote)
    _ = fields.optionalInt("version", in: 1...ContractVersion.current)
    // Without the command's name nobody can say which fields it may have.
    guard let name else { return nil }
    let body = Body(name, reading: &fields)
    fields.finish()
    guard let body else { return nil }
    self.init(body, id: id, expectedGeneration: generation, claimedActor: actor, reason: reason)
  }
}

extension CommandMessage.Body {
  fileprivate init?(_ name: CommandName, reading fields: inout ObjectReader) {
    switch name {
    case .apply:
      guard let resource = fields.value("resource") else { return nil }
      self = .apply(resource: resource)
    case .create:
      let spec = fields.value("spec")
      let metadata = fields.optionalValue("metadata")
      guard let spec else { return nil }
      self = .create(spec: spec, metadata: metadata)
    case .mapTopic:
      guard let mapping = TopicMapping(reading: &fields) else { return nil }
      self = .mapTopic(mapping)
    case .unmapTopic:
      guard let target = fields.string("target") else { return nil }
      self = .unmapTopic(target: TopicName(target))
    case .importTopics:
      self = .importTopics(
        glob: fields.optionalString("glob"), prefix: fields.optionalString("prefix"),
        suffix: fields.optionalString("suffix"))
    case .configure:
      guard let patch = fields.value("spec") else { return nil }
      self = .configure(patch: patch)
    case .enable, .resume: self = .enable
    case .disable, .pause: self = .disable
    case .retry: self = .retry
    case .restart: self = .restart
    case .delete: self = .delete
    }
  }
}

extension ObjectReader {
  fileprivate mutating func optionalText(_ field: String, longest: Int) -> String? {
    guard let text = optionalString(field) else { return nil }
    guard !text.isEmpty, text.utf8.count <= longest else {
      reject(field, "must have 1 to \(longest) bytes")
      return nil
    }
    return text
  }
}

extension Rejection {
  static func malformed(_ message: String) -> Rejection { Rejection(.malformed, message) }
}
