package import JSON

/// One document of a stream, and where each part of it stands.
package struct YAMLDocument: Sendable, Hashable {
  package let value: JSONValue
  let layout: YAMLLayout

  /// Where the value at `path` begins, for a member its key; for a path that isn't there the nearest part above it. Nil for a document
  /// that was read as JSON.
  package func position(of path: FieldPath) -> YAMLPosition? {
    var layout = layout
    var position = layout.position
    for step in path.steps {
      switch (step, layout.parts) {
      case (.member(let name), .members(let members)):
        guard let member = members[name] else { return position }
        position = member.key
        layout = member.layout
      case (.element(let index), .elements(let elements)):
        guard elements.indices.contains(index) else { return position }
        layout = elements[index]
        position = layout.position
      default: return position
      }
    }
    return position
  }

  package func line(of path: FieldPath) -> Int? { position(of: path)?.line }
}

/// The shape of a document with positions for values.
struct YAMLLayout: Sendable, Hashable {
  enum Parts: Sendable, Hashable {
    case none
    case elements([YAMLLayout])
    case members([String: Member])
  }

  struct Member: Sendable, Hashable {
    let key: YAMLPosition
    let layout: YAMLLayout
  }

  let position: YAMLPosition?
  let parts: Parts
}
