import Testing

/// `Tests/Models/tests.md` says which test of the real code meets what each model shows; it must not age.
@Suite("The page of what the models show") struct ModelPageTests {
  @Test("Every counter-example has a line, and every line a counter-example") func complete() throws {
    let shown = try SourceTree.read("Tests/Models/run").split(separator: "\n").filter { $0.hasPrefix("caught") }
      .map { Self.cells($0)[1...2].joined(separator: ": ") }
    let told = try Self.rows().map { "\($0.model): \($0.leftOut)" }
    #expect(shown.count > 20)
    #expect(Set(told) == Set(shown) && told.count == shown.count, "\(Set(told).symmetricDifference(shown).sorted())")
  }

  @Test("Every test and every case that the page names exists") func exists() throws {
    let tests = try SourceTree.files(below: "Tests").filter { $0.hasSuffix(".swift") }.map(SourceTree.read)
    for row in try Self.rows() {
      let names = Self.parts(row.triedBy, between: "\"").map { "\"\($0)\"" }
      let cases = Self.parts(row.triedBy, between: "`").map { "case \($0)" }
      #expect(!(names + cases).isEmpty || row.triedBy.hasPrefix("none"), "\(row.leftOut)")
      for name in names + cases { #expect(tests.contains { $0.contains(name) }, "\(row.leftOut): \(name)") }
    }
  }

  private static func rows() throws -> [(model: String, leftOut: String, triedBy: String)] {
    try SourceTree.read("Tests/Models/tests.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
      .map { line in
        let cells = cells(line.dropFirst())
        return (cells[0], cells[1], cells[2])
      }
  }

  private static func cells(_ line: Substring) -> [String] {
    line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
      let start = cell.drop { $0 == " " }
      return String(start.prefix(start.count - start.reversed().prefix { $0 == " " }.count))
    }
  }

  /// What stands between pairs of a mark.
  private static func parts(_ text: String, between mark: Character) -> [Substring] {
    text.split(separator: mark, omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map(
      \.element)
  }
}
