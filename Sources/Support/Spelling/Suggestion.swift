/// What somebody who wrote `word` probably meant.
package enum Suggestion {
  /// Words longer than this are not compared: the distance costs the product of the lengths, and the word may come from anybody.
  package static let longestWord = 128

  /// The candidate that equals `word` but for its case, else the nearest one at most two slips away (a letter inserted, left out,
  /// replaced, or two neighbours swapped), and fewer slips than half of the word has letters. The first of equals wins.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    guard !word.isEmpty, word.utf8.count <= longestWord else { return nil }
    let folded = Array(word.lowercased().unicodeScalars)
    let tolerance = min(2, (folded.count - 1) / 2)
    var best: (candidate: String, slips: Int)?
    for candidate in candidates where candidate != word && candidate.utf8.count <= longestWord {
      let other = Array(candidate.lowercased().unicodeScalars)
      if folded == other { return candidate }
      guard abs(other.count - folded.count) <= tolerance else { continue }
      let slips = slips(from: folded, to: other)
      if slips <= tolerance, slips < best?.slips ?? Int.max { best = (candidate, slips) }
    }
    return best?.candidate
  }

  /// Damerau and Levenshtein's distance in its restricted form: no part is edited twice.
  package static func slips<Letter: Equatable>(from source: [Letter], to target: [Letter]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...target.count)
    for row in source.indices {
      var current = [row + 1]
      current.reserveCapacity(target.count + 1)
      for column in target.indices {
        let replaced = last[column] + (source[row] == target[column] ? 0 : 1)
        var least = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
          least = min(least, beforeLast[column - 1] + 1)
        }
        current.append(least)
      }
      beforeLast = last
      last = current
    }
    return last[target.count]
  }
}
