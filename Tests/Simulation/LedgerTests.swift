import ControlTopics
import RestoreModel
import Testing

@testable import ControlPlane

@Suite("What a transaction of the owner's holds")
struct LedgerTests {
  private let key = ResourceKey(.restore, name: "orders")

  private var ledger: Ledger {
    var state = ControlState()
    state.installation = "one"
    for name in ["orders", "payments"] {
      let key = ResourceKey(.restore, name: name)
      state.resources[key] = Resource(
        metadata: Metadata(
          name: name, namespace: "default", uid: UID("u-\(name)"), generation: 1,
          creationTimestamp: Instant(milliseconds: 0)),
        spec: .restore(RestoreSpec(source: "a", sink: "b")),
        status: ResourceStatus(uid: UID("u-\(name)"), observedGeneration: 1))
    }
    return Ledger(state: state, installation: "one", epoch: 1, limit: 1_000_000)
  }

  private func describe(_ name: String, as text: String, at offset: Int64, in ledger: inout Ledger) throws {
    let command = ControlRecord(
      topic: .commands, offset: offset, timestamp: 1, key: RecordKey.resource(ResourceKey(.restore, name: name)).bytes,
      value: Array(#"{"command":"Configure","id":"c\#(offset)","spec":{"description":"\#(text)"}}"#.utf8))
    let input = try CommandCodec.decode(command, state: ledger.state)
    try ledger.enter(
      ledger.state.decide(input), time: input.time, cause: .command(offset: offset, id: input.id),
      commandsThrough: offset)
  }

  /// `specs` and `status` as they follow from the ledger's state alone.
  private func written(_ records: [OutgoingControlRecord]) -> [String] {
    records.filter { $0.topic != .events }.map { "\($0.topic) \(String(decoding: $0.value ?? [], as: UTF8.self))" }
  }

  @Test("A lone decision's documents are those that are encoded beside others")
  func alone() throws {
    var (one, other) = (ledger, ledger)
    try describe("orders", as: "spring", at: 0, in: &one)
    try describe("orders", as: "spring", at: 0, in: &other)
    other.forget(ResourceKey(.restore, name: "nobody"), at: other.state.time)
    let records = one.records()
    #expect(records == other.records())
    #expect(records.map(\.topic).filter { $0 != .events } == [.specs, .specs, .status], "the new epoch's first")
  }

  @Test("What comes after the first decision is in the same transaction, in whatever order")
  func later() throws {
    var ledger = ledger
    try describe("orders", as: "spring", at: 0, in: &ledger)
    try describe("orders", as: "summer", at: 1, in: &ledger)
    try describe("payments", as: "autumn", at: 2, in: &ledger)
    ledger.show(service: [], at: Instant(milliseconds: 2))
    let records = ledger.records()
    let text = written(records)
    #expect(text.count == 6, "the new epoch, two documents and the service's own status")
    #expect(text.contains { $0.contains("summer") } && text.contains { $0.contains("autumn") })
    #expect(!text.contains { $0.contains("spring") }, "only the last of a document counts")
    #expect(Set(ids(records)).count == ids(records).count)
  }

  @Test("The next transaction holds what was decided for it, under new ids")
  func next() throws {
    var ledger = ledger
    var seen: [String] = []
    for (offset, text) in ["spring", "summer", "autumn"].enumerated() {
      try describe("orders", as: text, at: Int64(offset), in: &ledger)
      let records = ledger.records()
      seen += ids(records)
      #expect(written(records).contains { $0.contains(text) })
      #expect(ledger.committed() == [key])
      #expect(ledger.isEmpty && ledger.records().isEmpty)
    }
    #expect(Set(seen).count == seen.count)
  }

  private func ids(_ records: [OutgoingControlRecord]) -> [String] {
    records.flatMap(\.headers).filter { $0.name == "ce_id" }.map { String(decoding: $0.value ?? [], as: UTF8.self) }
  }
}
