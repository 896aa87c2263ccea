import Measures
import Testing

@Suite("Arithmetic of the benchmark")
struct SeriesTests {
  @Test("The median is the middle figure, or the mean of the middle two")
  func median() {
    #expect(Series([5, 1, 3]).median == 3)
    #expect(Series([4, 1, 3, 2]).median == 2.5)
    #expect(Series([7]).median == 7)
    #expect(Series([]).median == nil)
    #expect(Series([5, 1, 3]).range == 1...5)
    #expect(Series([]).range == nil)
  }

  @Test("Ratios are taken round by round, not of medians")
  func ratios() {
    let slow = Series([2, 20, 4])
    #expect(slow.over(Series([1, 10, 4])) == Series([2, 2, 1]))
    #expect(slow.over(Series([1, 0, 4])) == Series([2, 1]))
    #expect(slow.over(Series([1])) == Series([2]))
    #expect(slow.neighbours == Series([0.1, 5]))
    #expect(Series([3]).neighbours == Series([]))
  }

  @Test(
    "Numbers have as many digits as they are worth",
    arguments: [
      (0, "0.00"), (0.004, "0.00"), (1, "1.00"), (1.006, "1.01"), (9.99, "9.99"), (9.996, "10.0"), (12.34, "12.3"),
      (99.94, "99.9"), (99.96, "100"), (1234.5, "1235"), (-0.5, "-0.50"), (-0.001, "0.00"), (.infinity, "–"),
    ])
  func numbers(value: Double, text: String) { #expect(Spelled.number(value) == text) }

  @Test("What is asked of a figure, and its span")
  func reach() {
    #expect(Spelled.reach(4) == "≥ 4")
    #expect(Spelled.reach(1.5) == "≥ 1.5")
    #expect(Spelled.reach(nil) == "")
    #expect(Spelled.range(0.9...12.5) == "0.90–12.5")
    #expect(Spelled.range(nil) == "–")
    #expect(Spelled.number(nil) == "–")
  }

  @Test("A table has text to the left and numbers to the right, and no spaces at the ends of lines")
  func table() {
    var table = TextTable("Title", ["row", "sends", "ratio"], texts: 2)
    table.add(["zstd", "engine", "1.20"])
    table.add(["", "C"])
    #expect(
      table.text == """
        Title
          row    sends    ratio
          zstd   engine    1.20
                 C
        """)
  }
}
