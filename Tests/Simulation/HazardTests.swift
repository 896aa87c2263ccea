import Testing

/// Each counter-example of the models, as a history of the real control plane.
@Suite("A danger met on purpose", .serialized) struct HazardTests {
  private static let moments: [Int64] = Array(0..<30)

  @Test("Whenever it strikes, nothing is lost, doubled or late", arguments: Hazard.allCases)
  func held(hazard: Hazard) async throws {
    for (moment, findings) in try await Self.findings(hazard) where !findings.isEmpty {
      Issue.record("\(hazard) at \(moment): \(findings.joined(separator: "; "))")
    }
  }

  @Test("Without the rule that it must be met with, some moment shows it", arguments: Hazard.allCases)
  func shown(hazard: Hazard) async throws {
    let caught = try await Self.findings(hazard, without: hazard.rule).filter { !$0.findings.isEmpty }
    #expect(!caught.isEmpty, "\(hazard) without \(hazard.rule)")
  }

  private static func findings(
    _ hazard: Hazard, without rule: Rule? = nil
  ) async throws -> [(moment: Int64, findings: [String])] {
    try await simulate { moments.map { ($0, hazard.findings(at: $0, without: rule)) } }
  }
}
