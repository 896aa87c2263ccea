/// Why bytes are no JSON document, and where.
package struct JSONParseError: Error, Hashable, CustomStringConvertible {
  /// Counted from 1.
  package let line: Int
  /// Counted in characters; 0 at the beginning of a line.
  package let column: Int
  /// Counted in bytes from the beginning of the document.
  package let position: Int
  /// What is wrong, without a word of the document, which may hold secrets.
  package let text: String
  /// The piece of the document near the error, for a caller that knows there are no secrets in it.
  package let excerpt: String?

  package init(line: Int, column: Int, position: Int, text: String, excerpt: String? = nil) {
    self.line = line
    self.column = column
    self.position = position
    self.text = text
    self.excerpt = excerpt
  }

  package var description: String { "line \(line), column \(column): \(text)" }

  /// The same, and what stands there.
  package var descriptionWithExcerpt: String { excerpt.map { "\(description) near '\($0)'" } ?? description }
}
