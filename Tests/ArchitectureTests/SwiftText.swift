/// Swift source without its comments and without the text of its string literals; line breaks stay, and so does interpolated code.
struct SwiftText {
  private let source: [UInt8]
  private var place = 0
  private var code: [UInt8] = []

  static func code(of source: String) -> String {
    var text = SwiftText(source: Array(source.utf8))
    text.readCode(until: nil)
    return String(decoding: text.code, as: UTF8.self)
  }

  private init(source: [UInt8]) { self.source = source }

  private func follows(_ text: String) -> Bool { source[place...].starts(with: text.utf8) }

  /// Up to the end, or to the parenthesis that ends an interpolation.
  private mutating func readCode(until end: UInt8?) {
    var depth = 0
    while place < source.count {
      let byte = source[place]
      if follows("//") {
        while place < source.count, source[place] != UInt8(ascii: "\n") { place += 1 }
        continue
      }
      if follows("/*") {
        skipComment()
        continue
      }
      if let hashes = literalBegins() {
        readLiteral(hashes: hashes)
        continue
      }
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") {
        if depth == 0, end == byte { return }
        depth -= 1
      }
      code.append(byte)
      place += 1
    }
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      if follows("/*") {
        depth += 1
        place += 2
      } else if follows("*/") {
        depth -= 1
        place += 2
      } else {
        if source[place] == UInt8(ascii: "\n") { code.append(source[place]) }
        place += 1
      }
    } while depth > 0 && place < source.count
    code.append(UInt8(ascii: " "))
  }

  /// How many `#` stand before a quotation mark here; nil when no literal begins.
  private func literalBegins() -> Int? {
    let hashes = source[place...].prefix { $0 == UInt8(ascii: "#") }.count
    let quote = place + hashes
    return quote < source.count && source[quote] == UInt8(ascii: "\"") ? hashes : nil
  }

  private mutating func readLiteral(hashes: Int) {
    let fence = String(repeating: "#", count: hashes)
    place += hashes
    // The text of a long literal begins on the next line; `#"""#` is a short one that holds a quotation mark.
    let isLong =
      follows("\"\"\"") && source.dropFirst(place + 3).first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "\n")
    let quotes = isLong ? "\"\"\"" : "\""
    place += quotes.utf8.count
    code += "\"".utf8
    while place < source.count, !follows(quotes + fence) {
      if follows("\\" + fence + "(") {
        place += 2 + hashes
        code += " (".utf8
        readCode(until: UInt8(ascii: ")"))
      } else if follows("\\" + fence) {
        // An escape: the character after it can't end the literal.
        place += 1 + hashes
      }
      if place < source.count, source[place] == UInt8(ascii: "\n") { code.append(source[place]) }
      place += 1
    }
    place += quotes.utf8.count + hashes
    code += "\"".utf8
  }
}
