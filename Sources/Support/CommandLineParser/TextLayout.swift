/// Text in a number of columns; a character counts as one.
struct TextLayout {
  let width: Int

  /// Breaks between words; lines after the first begin with `hanging` spaces. A word that is wider than a line stands alone.
  func wrapped(_ text: String, hanging: Int = 0) -> String {
    let indent = String(repeating: " ", count: hanging)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if line.isEmpty || line.allSatisfy({ $0 == " " }) {
        line += word
      } else if line.count + 1 + word.count <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = indent + word
      }
    }
    lines.append(line)
    return lines.joined(separator: "\n")
  }

  /// Paragraphs are separated by empty lines; one that begins with a space, such as an example, is kept as it is.
  func paragraphs(_ text: String) -> String {
    Self.split(text).map { $0.hasPrefix(" ") ? $0 : wrapped($0) }.joined(separator: "\n\n")
  }

  static func split(_ text: String) -> [String] {
    var paragraphs: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !line.allSatisfy(\.isWhitespace) {
        paragraphs[paragraphs.count - 1].append(line)
      } else if !paragraphs[paragraphs.count - 1].isEmpty {
        paragraphs.append([])
      }
    }
    return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
  }

  /// Two columns under a title; nil without rows.
  func table(_ title: String, _ rows: [(String, String)]) -> String? {
    guard !rows.isEmpty else { return nil }
    // An entry wider than this has its explanation on the next line.
    let widest = width * 2 / 5 - 4
    let left = 2 + (rows.map(\.0.count).filter { $0 <= widest }.max() ?? widest) + 2
    let lines = rows.map { name, text in
      let padding =
        name.count <= widest
        ? String(repeating: " ", count: left - 2 - name.count) : "\n" + String(repeating: " ", count: left)
      let column = TextLayout(width: width - left).wrapped(text)
      return "  " + name + padding + column.replacingNewlines(with: "\n" + String(repeating: " ", count: left))
    }
    return "\(title):\n" + lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate func replacingNewlines(with text: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: text)
  }
}
