/// The targets that `Package.swift` declares under `Sources`, and what each depends on.
struct Manifest {
  let targets: [String: Set<String>]

  init(_ source: String) {
    var targets: [String: Set<String>] = [:]
    // Declarations by our own functions and by the package description's.
    let room = Self.calls("room", in: source).filter { $0.first != "_" }
    for words in room where words.count >= 2 { targets[words[1]] = Set(words.dropFirst(2)) }
    for words in Self.calls("system", in: source) where !words.isEmpty { targets[words[0]] = [] }
    for call in [".executableTarget", ".target"] {
      for words in Self.calls(call, in: source) {
        guard let path = words.first(where: { $0.hasPrefix("Sources/") }), let place = words.firstIndex(of: path) else {
          continue
        }
        targets[words[0]] = Set(words[1..<place])
      }
    }
    self.targets = targets
  }

  /// The string literals in each call of `function`.
  private static func calls(_ function: String, in source: String) -> [[String]] {
    let text = Array(source)
    let opening = Array(function + "(")
    var found: [[String]] = []
    var place = 0
    while place + opening.count <= text.count {
      let begins = text[place..<(place + opening.count)].elementsEqual(opening)
      let isWhole = place == 0 || !(text[place - 1].isLetter || text[place - 1] == ".")
      guard begins, isWhole || function.hasPrefix(".") else {
        place += 1
        continue
      }
      place += opening.count
      var depth = 1
      var words: [String] = []
      while place < text.count, depth > 0 {
        switch text[place] {
        case "(": depth += 1
        case ")": depth -= 1
        case "\"":
          let rest = text[(place + 1)...].prefix { $0 != "\"" }
          words.append(String(rest))
          place += rest.count + 1
        default: break
        }
        place += 1
      }
      found.append(words)
    }
    // The helper functions' own definitions name their parameters' types, not literals.
    return found.filter { words in !words.isEmpty && !words.contains { $0.contains("\\(") } }
  }
}
