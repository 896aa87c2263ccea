import Spelling

extension ObjectReader {
  @usableFromInline package mutating func string(_ field: String) -> String? {
    view(field).flatMap { asString(field, $0) }
  }

  @usableFromInline package mutating func optionalString(_ field: String) -> String? {
    optionalView(field).flatMap { asString(field, $0) }
  }

  package mutating func bool(_ field: String) -> Bool? {
    view(field).flatMap { asBool(field, $0) }
  }

  package mutating func optionalBool(_ field: String) -> Bool? {
    optionalView(field).flatMap { asBool(field, $0) }
  }

  /// A whole number written as one: `3.0` is refused.
  package mutating func int(_ field: String, in range: ClosedRange<Int64> = .min ... .max) -> Int64? {
    view(field).flatMap { asInt(field, $0, range) }
  }

  package mutating func optionalInt(_ field: String, in range: ClosedRange<Int64> = .min ... .max) -> Int64? {
    optionalView(field).flatMap { asInt(field, $0, range) }
  }

  /// Any number; an integer beyond 2^53 loses its last bits.
  package mutating func double(_ field: String) -> Double? {
    view(field).flatMap { asDouble(field, $0) }
  }

  package mutating func optionalDouble(_ field: String) -> Double? {
    optionalView(field).flatMap { asDouble(field, $0) }
  }

  /// One of the raw values of an enum.
  @inlinable public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ field: String, of type: Choice.Type = Choice.self
  ) -> Choice? {
    string(field).flatMap { asChoice(field, $0) }
  }

  @inlinable public mutating func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ field: String, of type: Choice.Type = Choice.self
  ) -> Choice? {
    optionalString(field).flatMap { asChoice(field, $0) }
  }

  /// A string that `parse` turns into something stricter.
  @inlinable public mutating func parsed<Value>(_ field: String, _ parse: (String) throws(FieldProblem) -> Value)
    -> Value?
  {
    string(field).flatMap { asParsed(field, $0, parse) }
  }

  @inlinable public mutating func optionalParsed<Value>(
    _ field: String, _ parse: (String) throws(FieldProblem) -> Value
  ) -> Value? {
    optionalString(field).flatMap { asParsed(field, $0, parse) }
  }
}

extension ObjectReader {
  @usableFromInline func asString(_ field: String, _ value: JSONView) -> String? {
    if let string = value.string { return string }
    mistyped(field, "a string", value)
    return nil
  }

  private func asBool(_ field: String, _ value: JSONView) -> Bool? {
    if let bool = value.bool { return bool }
    mistyped(field, "true or false", value)
    return nil
  }

  private func asInt(_ field: String, _ value: JSONView, _ range: ClosedRange<Int64>) -> Int64? {
    guard let int = value.int else {
      mistyped(field, "a whole number", value)
      return nil
    }
    guard range.contains(int) else {
      reject(field, Self.bounds(range))
      return nil
    }
    return int
  }

  private static func bounds(_ range: ClosedRange<Int64>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (let lower, .max): "must be at least \(lower)"
    case (.min, let upper): "must be at most \(upper)"
    case (let lower, let upper): "must be between \(lower) and \(upper)"
    }
  }

  private func asDouble(_ field: String, _ value: JSONView) -> Double? {
    if let double = value.double { return double }
    mistyped(field, "a number", value)
    return nil
  }

  @inlinable func asChoice<Choice: RawRepresentable<String> & CaseIterable>(_ field: String, _ text: String) -> Choice?
  {
    if let choice = Choice(rawValue: text), Self.isExactly(text, choice.rawValue) { return choice }
    reject(field, text, for: Choice.allCases.map(\.rawValue))
    return nil
  }

  @usableFromInline static func isExactly(_ text: String, _ name: String) -> Bool {
    ExactString(text) == ExactString(name)
  }

  @usableFromInline func reject(_ field: String, _ text: String, for names: [String]) {
    reject(
      field, "must be one of \(names.joined(separator: ", "))", suggestion: Suggestion.nearest(to: text, among: names))
  }

  @inlinable func asParsed<Value>(
    _ field: String, _ text: String, _ parse: (String) throws(FieldProblem) -> Value
  ) -> Value? {
    do {
      return try parse(text)
    } catch {
      reject(field, error)
      return nil
    }
  }

  @usableFromInline func reject(_ field: String, _ problem: FieldProblem) {
    reject(field, problem.message, suggestion: problem.suggestion)
  }
}
