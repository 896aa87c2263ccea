import JSON
import RestoreModel

/// Members that leave themselves out: a nil or empty value is no member, since the contract never writes null for "absent".
extension JSONObject {
  mutating func put(_ key: String, _ value: String?) { self[key] = value.map { .string($0) } }
  mutating func put(_ key: String, _ value: Bool) { self[key] = .bool(value) }
  mutating func put(_ key: String, _ value: Int) { self[key] = .int(Int64(value)) }
  mutating func put(_ key: String, _ value: Int64?) { self[key] = value.map { .int($0) } }
  mutating func put(_ key: String, _ value: Instant?) { self[key] = value.map { .string($0.description) } }
  mutating func put(_ key: String, _ values: [String]) {
    if !values.isEmpty { self[key] = .strings(values) }
  }
  mutating func put(_ key: String, _ map: [String: String]) {
    if !map.isEmpty { self[key] = .strings(map) }
  }
}

extension JSONValue {
  static func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  /// Sorted, so that equal maps are written alike.
  static func strings(_ map: [String: String]) -> JSONValue {
    .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }

  static func build(_ fill: (inout JSONObject) -> Void) -> JSONValue {
    var object = JSONObject()
    fill(&object)
    return .object(object)
  }
}

extension ObjectReader {
  mutating func instant(_ field: String) -> Instant? { parsed(field, Self.parseInstant) }
  mutating func optionalInstant(_ field: String) -> Instant? { optionalParsed(field, Self.parseInstant) }

  private static func parseInstant(_ text: String) throws(JSON.FieldProblem) -> Instant {
    guard let instant = Instant(rfc3339: text) else {
      throw JSON.FieldProblem("must be a date and time in RFC 3339, such as 2021-01-01T00:00:00Z")
    }
    return instant
  }

  /// A number of things: not negative, and exact in every JSON library (2^53).
  mutating func count(_ field: String) -> Int64? { int(field, in: 0...(1 << 53)) }
  mutating func optionalCount(_ field: String) -> Int64? { optionalInt(field, in: 0...(1 << 53)) }

  /// Marks fields that may stand there and whose value doesn't count, since it follows from others or belongs to the server.
  mutating func ignore(_ fields: String...) {
    for field in fields { _ = optionalView(field) }
  }
}

extension FieldErrors {
  /// In the model's words, with what was probably meant.
  var problems: [RestoreModel.FieldProblem] {
    var problems = errors.map { error in
      RestoreModel.FieldProblem(
        error.path,
        error.message + (error.suggestion.map { "; did you mean \(FieldPath.quoted($0))?" } ?? ""))
    }
    if omitted > 0 { problems.append(RestoreModel.FieldProblem("", "and \(omitted) more errors")) }
    return problems
  }
}
