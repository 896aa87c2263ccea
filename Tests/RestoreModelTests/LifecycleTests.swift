import ControlTopics
import RestoreModel
import Testing

/// The page `topics/lifecycle.md`, made from the decisions themselves.
@Suite("The lifecycle") struct LifecycleTests {
  @Test("The page's diagrams and table are what the code does", arguments: ["phases", "stopping", "ways"])
  func page(part: String) throws {
    let page = try #require(ContractFile.named("lifecycle.md")).text
    let lifecycle = Lifecycle.probed
    let made =
      switch part {
      case "phases": lifecycle.phaseDiagram
      case "stopping": lifecycle.stoppingDiagram
      default: lifecycle.table
      }
    let begin = "<!-- generated: \(part); a test compares this with the code -->"
    #expect(page.contains("\(begin)\n\n\(made)\n\n<!-- end -->"), "write into topics/lifecycle.md:\n\(made)")
  }

  @Test("Whatever comes in whatever order, a Restore goes no way that the page doesn't show")
  func walks() {
    let known = Lifecycle.probed.ways
    var gone = Lifecycle()
    for seed in 41...60 as ClosedRange<UInt64> {
      RandomWalkTests.walk(seed: seed) { before, _, events in gone.follow(events, from: before) }
    }
    #expect(gone.ways.subtracting(known) == [], "not on the page")
    #expect(gone.ways.count > 40)
  }
}
