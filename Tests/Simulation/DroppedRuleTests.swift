import Testing

/// Shows that the simulation bites: each rule is left out of what stands in for brokers and workers, and the checks must notice.
@Suite("A rule left out is seen", .serialized) struct DroppedRuleTests {
  /// Seeds are tried in order until one shows it, so that the quick ones cost little.
  private static let most: UInt64 = 60

  private static let seen: [Rule] = [
    .ownersAreFenced, .positionInTransaction, .trueEnd, .stablePosition, .ownerDoubts,
    .laneStablePositions, .lanePositionsInTransaction, .laneDoubts,
  ]

  @Test("Some history goes wrong without it, and the checks say so", arguments: seen)
  func dropped(rule: Rule) async throws {
    let seeds = Seeds.only.map { [$0] } ?? Array(0..<Self.most)
    let seed = try await simulate { seeds.first { !Storm(seed: $0, without: rule).findings().isEmpty } }
    #expect(seed != nil, "without \(rule), \(seeds.count) histories look right")
  }
}
