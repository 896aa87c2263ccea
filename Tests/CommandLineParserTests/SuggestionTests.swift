import Spelling
import Testing

@Suite("Suggesting what was meant") struct SuggestionTests {
  private let words = ["source", "target", "topics", "Key", "go"]

  @Test(
    "A word is found by case, or by two slips at most",
    arguments: [
      ("SOURCE", "source"), ("sorce", "source"), ("suorce", "source"), ("targets", "target"), ("tpoisc", "topics"),
      ("key", "Key"), ("kye", "Key"), ("og", nil), ("x", nil), ("destination", nil), ("", nil), ("source", nil),
    ]) func nearest(word: String, expected: String?)
  {
    #expect(Suggestion.nearest(to: word, among: words) == expected)
  }

  @Test("Swapped neighbours are one slip, replaced ends are two") func slips() {
    func slips(_ a: String, _ b: String) -> Int { Suggestion.slips(from: Array(a), to: Array(b)) }
    #expect(slips("", "") == 0)
    #expect(slips("", "abc") == 3)
    #expect(slips("ab", "ba") == 1)
    #expect(slips("kitten", "sitting") == 3)
    #expect(slips("ca", "abc") == 3)
  }

  @Test("A very long word is not compared at all") func long() {
    let word = String(repeating: "x", count: 1_000_000)
    #expect(Suggestion.nearest(to: word, among: [word + "y"]) == nil)
  }
}
