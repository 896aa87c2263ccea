import Testing

@Suite("The control plane in any weather", .serialized) struct StormTests {
  @Test(
    "Every command is decided once, every record restored once, and all comes to its end",
    arguments: Seeds.first(500))
  func storm(seed: UInt64) async throws {
    let findings = try await simulate {
      let storm = Storm(seed: seed)
      let findings = storm.findings()
      storm.world.tellStory()
      return findings
    }
    for finding in findings { Issue.record("\(finding); THAW_SEED=\(seed) replays it") }
  }
}
