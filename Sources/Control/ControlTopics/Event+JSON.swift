import JSON
import RestoreModel

extension Event {
  /// The outcome of a command that named no resource stands under `invalid`, what concerns the whole installation under its own key.
  var recordKey: RecordKey {
    if let key { return .resource(key) }
    switch content {
    case .commandRejected, .commandUnchanged: return .invalid
    default: return .installation
    }
  }

  /// Every member is there, null where it doesn't apply: one shape for all events.
  func json(stateHash: String?) -> JSONValue {
    .build { fields in
      fields.put("type", content.type)
      fields.put("key", recordKey.description)
      fields["uid"] = uid.map { .string($0.text) } ?? .null
      fields["run"] = run.map { .int(Int64($0)) } ?? .null
      fields["generation"] = generation.map { .int($0) } ?? .null
      fields.put("sequence", sequence)
      fields.put("epoch", epoch)
      fields.put("time", time)
      fields["cause"] = cause.json
      fields.put("commandsThrough", commandsThrough)
      fields.put("outcome", outcome)
      fields["stateHash"] = stateHash.map { .string($0) } ?? .null
      fields["data"] = .build { content.write(to: &$0) }
    }
  }
}

extension Event.Cause {
  var json: JSONValue {
    .build { fields in
      switch self {
      case .command(let offset, let id):
        fields.put("offset", offset)
        fields.put("id", id)
      case .fact(let name): fields.put("fact", name)
      case .owner(let name): fields.put("owner", name)
      }
    }
  }

  init?(reading fields: inout ObjectReader) {
    let offset = fields.optionalInt("offset", in: 0...Int64.max)
    let id = fields.optionalString("id")
    let fact = fields.optionalString("fact")
    let owner = fields.optionalString("owner")
    fields.finish()
    fields.requireOne(of: "offset", "fact", "owner")
    if let offset {
      self = .command(offset: offset, id: id)
    } else if let fact {
      self = .fact(fact)
    } else if let owner {
      self = .owner(owner)
    } else {
      return nil
    }
  }
}
