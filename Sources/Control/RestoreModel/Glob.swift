/// A shell pattern over topic names: `*` any run of characters, `?` any one; everything else stands for itself.
struct Glob {
  private let pattern: [UInt8]

  init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

  /// Linear in the name for each star: on a mismatch only the latest star takes one character more.
  func matches(_ name: String) -> Bool {
    let text = Array(name.utf8)
    var position = 0
    var next = 0
    var star: (pattern: Int, text: Int)?
    while position < text.count {
      if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
        star = (next, position)
        next += 1
      } else if next < pattern.count, pattern[next] == UInt8(ascii: "?") || pattern[next] == text[position] {
        next += 1
        position += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        next = last.pattern + 1
        position = last.text + 1
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
