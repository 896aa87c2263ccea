import JSON

/// A text of YAML documents, read as JSON values.
///
/// Scalars follow YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema): `true`, `false`, `null`, `~`, numbers; anything
/// else is a string, dates and `yes` included. Where 1.1 and 1.2 read a number differently (`010`), where it doesn't fit, or has no JSON
/// form (`.inf`), it is refused. Anchors, aliases and merge keys (`<<`) are understood, a key that occurs twice is refused, and so are
/// tags that are not of the core schema.
package enum YAMLStream {
  /// Documents without any content, such as what follows a last `---`, are left out.
  ///
  /// A text that is no YAML but one JSON document is read as that: JSON allows some escapes and long keys that libyaml doesn't.
  package static func parse(
    _ bytes: some Collection<UInt8>, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> [YAMLDocument] {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(YAMLPosition(line: 1, column: 1), "the text is larger than \(limits.bytes) bytes")
    }
    var bytes = Array(bytes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    do {
      var composer = try YAMLComposer(bytes, limits: limits)
      return try composer.documents()
    } catch {
      let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
      guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
        let value = try? JSONValue.parse(bytes), value.depth(within: limits.depth)
      else { throw error }
      return [YAMLDocument(value: value, layout: YAMLLayout(position: nil, parts: .none))]
    }
  }

  package static func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> [YAMLDocument] {
    try parse(Array(text.utf8), limits: limits)
  }
}

extension JSONValue {
  fileprivate func depth(within limit: Int) -> Bool {
    switch self {
    case .array(let elements): limit > 0 && elements.allSatisfy { $0.depth(within: limit - 1) }
    case .object(let members): limit > 0 && members.allSatisfy { $0.value.depth(within: limit - 1) }
    default: true
    }
  }
}
