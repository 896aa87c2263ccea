/// Decoding that gathers every error of a document before it fails.
///
///     let topic = try Decode.object(value) { fields in
///       let source = fields.string("source")
///       let target = fields.optionalString("target")
///       fields.finish()
///       guard let source else { return nil }
///       return Topic(source: source, target: target)
///     }
///
/// A required field that is missing or wrong reads as nil and leaves an error, so `guard let` after the last read is all that a
/// decoder has to do about errors.
///
/// What is public here is so because only that is compiled anew for another module's types; elsewhere generic code costs as much as the rest
/// of a fold of the control topics.
public enum Decode {
  /// - Parameter body: reads the fields; nil when one that it needs is missing.
  /// - Throws: everything found wrong, if anything was.
  package static func object<Value>(
    _ value: JSONValue, at path: FieldPath = .root, _ body: (inout ObjectReader) -> Value?
  ) throws(FieldErrors) -> Value {
    try object(JSONView(value), at: path, body)
  }

  package static func object<Value>(
    _ value: JSONView, at path: FieldPath = .root, _ body: (inout ObjectReader) -> Value?
  ) throws(FieldErrors) -> Value {
    let errors = FieldErrorCollector()
    let result = object(value, at: path, into: errors, body)
    guard errors.isEmpty, let result else {
      // A body that gives up without an error would otherwise fail in silence.
      if errors.isEmpty { errors.add(path, "could not be read") }
      throw errors.found
    }
    return result
  }

  /// The same as a part of a larger reading: errors go to `errors`. Nil when `value` is no object, or when `body` says so.
  package static func object<Value>(
    _ value: JSONValue, at path: FieldPath, into errors: FieldErrorCollector, _ body: (inout ObjectReader) -> Value?
  ) -> Value? {
    object(JSONView(value), at: path, into: errors, body)
  }

  @inlinable public static func object<Value>(
    _ value: JSONView, at path: FieldPath, into errors: FieldErrorCollector, _ body: (inout ObjectReader) -> Value?
  ) -> Value? {
    guard var reader = ObjectReader(value, at: path, into: errors) else { return nil }
    return body(&reader)
  }
}

/// Gathers errors of the readers of one document, which share it. It stays on one thread.
public final class FieldErrorCollector {
  package private(set) var found = FieldErrors()

  package init() {}

  package var isEmpty: Bool { found.isEmpty }

  package func add(_ path: FieldPath, _ message: String, suggestion: String? = nil) {
    found.append(FieldError(path: path, message: message, suggestion: suggestion))
  }
}
