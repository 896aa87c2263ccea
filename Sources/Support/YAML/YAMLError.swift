/// A place in a text; both count from 1, columns in characters.
package struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package var description: String { "line \(line), column \(column)" }
}

/// Why a text is no YAML, or none that stands for a JSON value. No word of the document is repeated but the names of keys and anchors.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
  package let position: YAMLPosition
  package let text: String

  package init(_ position: YAMLPosition, _ text: String) {
    self.position = position
    self.text = text
  }

  package var description: String { "\(position): \(text)" }
}

/// How large a stream may be. Each bound ends the reading with an error.
package struct YAMLLimits: Sendable, Hashable {
  /// Of the text.
  package var bytes = 16 << 20
  /// How deep lists and mappings may stand in each other.
  package var depth = 100
  /// Bytes of all scalars and one for each node, after every alias has been replaced by what it stands for: a few lines of aliases
  /// to aliases would otherwise grow without end.
  package var expanded = 32 << 20

  package init() {}
}
