/// What is wrong with one field of a document. The message never holds the field's value, which may be a secret.
package struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
  package let location: FieldPath
  /// The rest of a sentence whose subject is the path: "must be a string, not a number".
  package let message: String
  /// The name that was probably meant.
  package let suggestion: String?

  package init(path: FieldPath, message: String, suggestion: String? = nil) {
    location = path
    self.message = message
    self.suggestion = suggestion
  }

  /// `config.topics[1].target`; empty for the whole document.
  package var path: String { location.description }

  package var description: String {
    let path = path
    let text = path.isEmpty ? "the document \(message)" : "\(path): \(message)"
    return suggestion.map { "\(text); did you mean \(FieldPath.quoted($0))?" } ?? text
  }
}

/// Everything that is wrong with a document, in the order in which it was found.
package struct FieldErrors: Error, Sendable, Hashable, CustomStringConvertible {
  /// A document with more errors than this is not worth listing; the rest is only counted.
  package static let limit = 100

  package private(set) var errors: [FieldError] = []
  /// How many more there are than `errors` lists.
  package private(set) var omitted = 0

  package init(_ errors: [FieldError] = []) {
    for error in errors { append(error) }
  }

  package var isEmpty: Bool { errors.isEmpty }

  package mutating func append(_ error: FieldError) {
    if errors.count < Self.limit { errors.append(error) } else { omitted += 1 }
  }

  /// One line each.
  package var description: String {
    var lines = errors.map(\.description)
    if omitted > 0 { lines.append("and \(omitted) more") }
    return lines.joined(separator: "\n")
  }
}

/// What a field's text fails in, for `ObjectReader.parsed`: the reader adds the path.
public struct FieldProblem: Error, Sendable, Hashable {
  package let message: String
  package let suggestion: String?

  /// - Parameter message: the rest of a sentence whose subject is the field ("must be …"), without the value.
  package init(_ message: String, suggestion: String? = nil) {
    self.message = message
    self.suggestion = suggestion
  }
}
