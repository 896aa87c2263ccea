import ControlTopics
import JSON
import RestoreModel
import Testing

/// The start-up fold reads records only: what they lose is lost.
@Suite("What is written is read back") struct RoundTripTests {
  @Test("A resource survives its two records, progress included", arguments: 0..<300) func resource(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    let resource = arbitrary.resource()
    var encoder = RecordEncoder(installation: "i", epoch: 3)
    var decoder = StateDecoder()
    let spec = encoder.spec(resource, sequence: 7)
    let status = encoder.status(resource, sequence: 7, time: Instant(milliseconds: 0))
    try decoder.apply(ControlRecord(spec, offset: 4, timestamp: 0))
    try decoder.apply(ControlRecord(status, offset: 9, timestamp: 0))
    try decoder.finish()
    #expect(decoder.state.resources == [resource.key: resource], "seed \(seed)")
    #expect(decoder.version(of: resource.key) == 10)
    #expect(decoder.sequence(of: resource.key) == 7)
  }

  @Test("The hash of a state is that of its records read back, and progress is no part of it", arguments: 0..<50)
  func hash(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    let resource = arbitrary.resource(.restore)
    var other = resource
    other.status.progress = arbitrary.progress()
    #expect(try other.stateHash() == resource.stateHash(), "seed \(seed)")
    other.status.controller.held.toggle()
    #expect(try other.stateHash() != resource.stateHash(), "seed \(seed)")
  }

  @Test("An event of every type survives, with its hash", arguments: 0..<60) func event(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    let encoder = RecordEncoder(installation: "i", epoch: 3)
    let contents = arbitrary.contents()
    #expect(contents.map(\.type) == Event.Content.types)
    for content in contents {
      let event = arbitrary.event(content)
      let hash = arbitrary.maybe { $0.text() }
      let record = ControlRecord(encoder.event(event, stateHash: hash), offset: 5, timestamp: 0)
      #expect(try EventRecord.decode(record) == EventRecord(offset: 5, event: event, stateHash: hash), "seed \(seed)")
    }
  }

  @Test(
    "A document survives as people write it, and is refused for the rules it breaks and nothing else",
    arguments: 0..<300)
  func document(seed: Int) throws {
    var arbitrary = Arbitrary(seed: seed)
    var document = arbitrary.document(arbitrary.choice())
    // Warnings arise from reading.
    document.warnings = []
    let broken = Validation.problems(of: document)
    do {
      #expect(try ResourceDocument.decode(document.json, expectedKey: document.key) == document, "seed \(seed)")
      #expect(broken.isEmpty, "seed \(seed)")
    } catch {
      #expect(error.errors == broken, "seed \(seed)")
    }
  }

  @Test("The committed position's metadata survives and is small") func committed() throws {
    let full = CommittedMetadata(
      installation: "6f9619ff-8b86-4011-b42d-00cf4fc964ff", sequence: 1 << 53, epoch: 1 << 53,
      time: Instant(milliseconds: 253_402_300_799_999), specs: .max, status: .max, events: .max)
    #expect(try CommittedMetadata.decode(full.encode()) == full)
    #expect(full.encode().utf8.count < 400)
    let young = CommittedMetadata(installation: "i", sequence: 0, epoch: 1, time: Instant(milliseconds: 0))
    #expect(try CommittedMetadata.decode(young.encode()) == young)
  }

  @Test("Metadata of another version or another program is refused", arguments: ["", "{}", "x", #"{"version":2}"#])
  func foreignMetadata(text: String) {
    #expect(throws: CommittedMetadata.Unreadable.self) { try CommittedMetadata.decode(text) }
  }
}
