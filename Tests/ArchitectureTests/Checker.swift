/// Checks one source file against the rules; each violation is a line for people.
enum Checker {
  static func violations(module: String, path: String, source: String) -> [String] {
    let code = SwiftText.code(of: source)
    var found: [String] = []
    for imported in imports(in: code) where !HouseRules.mayImport(module, imported) {
      found.append("\(path): \(module) must not import \(imported)")
    }
    for (word, instead) in HouseRules.forbidden where occurs(word, in: code) {
      found.append("\(path): \(word) ends the process; \(instead)")
    }
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).count
    if lines > HouseRules.longestFile {
      found.append("\(path): \(lines) lines are more than \(HouseRules.longestFile)")
    }
    return found
  }

  /// Modules that `code`, which has no comments or strings, imports.
  static func imports(in code: String) -> [String] {
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
    let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    return code.split { $0 == "\n" || $0 == ";" }.compactMap { statement in
      var words = statement.split { $0 == " " || $0 == "\t" }[...]
      while let first = words.first, first.hasPrefix("@") || modifiers.contains(first) { words = words.dropFirst() }
      guard words.popFirst() == "import", let next = words.popFirst() else { return nil }
      let name = kinds.contains(next) ? words.first ?? next : next
      return name.split(separator: ".").first.map(String.init)
    }
  }

  /// Whether `word` stands in `code` and is not the end of a longer name.
  private static func occurs(_ word: String, in code: String) -> Bool {
    let text = Array(code.utf8)
    let wanted = Array(word.utf8)
    guard text.count >= wanted.count else { return false }
    return (0...(text.count - wanted.count)).contains { place in
      text[place..<(place + wanted.count)].elementsEqual(wanted) && (place == 0 || !isPartOfName(text[place - 1]))
    }
  }

  private static func isPartOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
