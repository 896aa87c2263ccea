/// Figures of the same thing, one a round.
package struct Series: Sendable, Equatable {
  package let values: [Double]

  package init(_ values: [Double]) { self.values = values }

  /// Of an even number of figures the mean of the middle two; nil of none.
  package var median: Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// From the least to the most; nil of none.
  package var range: ClosedRange<Double>? {
    guard let least = values.min(), let most = values.max() else { return nil }
    return least...most
  }

  /// Round by round, so that what slows a whole round down changes nothing. A round in which `other` is 0 has no ratio.
  package func over(_ other: Series) -> Series {
    Series(zip(values, other.values).filter { $1 > 0 }.map { $0 / $1 })
  }

  /// Each round by the next: how far the same thing is from itself.
  package var neighbours: Series { over(Series(Array(values.dropFirst()))) }
}
