import ControlTopics
import JSON
import RestoreModel
import Testing
import YAML

/// The user guide's own documents, character by character but for line breaks.
@Suite("The documents of the user guide") struct SeedDocumentTests {
  private func restore(_ name: String) throws -> RestoreSpec {
    let yaml = try YAMLStream.parse(String(decoding: Folder.seed.bytes("\(name).yaml"), as: UTF8.self))
    let document = try ResourceDocument.decode(#require(yaml.first).value)
    #expect(document.warnings == [])
    guard case .restore(let spec) = document.spec else { throw Rejection(.invalid, "no Restore") }
    return spec
  }

  private let one = [TopicMapping(source: "source-topic", target: "target-topic")]

  @Test("All of them are tested here") func complete() throws {
    #expect(try Folder.seed.names().count == 9)
  }

  @Test("Two topics") func example() throws {
    let spec = try restore("restore-example")
    #expect(spec.source == "my-volume-storage" && spec.sink == "my-kafka-cluster" && spec.enabled)
    #expect(spec.config.topics.map(\.source) == ["source-topicA", "source-topicB"])
    #expect(spec.config.topics.map(\.target) == ["target-topicA", "target-topicB"])
    #expect(spec.config.parallelism == 1 && spec.config.maxProducers == 1)
  }

  @Test("A draft") func draft() throws {
    let spec = try restore("draft-example")
    #expect(!spec.enabled && spec.config == RestoreConfig())
  }

  @Test("Parallel ones map no topics, so that they are drafts though enabled") func parallel() throws {
    let spec = try restore("parallel-example")
    #expect(spec.enabled && spec.config.parallelism == 3 && spec.config.maxProducers == 1 && spec.config.topics.isEmpty)
    let producers = try restore("parallel-producers-example")
    #expect(producers.enabled && producers.config.parallelism == 3 && producers.config.maxProducers == 2)
    #expect(producers.config.topics.isEmpty)
  }

  @Test("The legacy offset in a header") func legacyOffset() throws {
    let config = try restore("legacy-offset-header-example").config
    #expect(config.legacyOffsetHeader == "original-offset" && config.topics == one)
  }

  @Test("Time bounds") func times() throws {
    let until = try restore("restore-until-example").config
    #expect(until.restoreUntilDateTime == Instant(rfc3339: "2021-01-01T00:00:00Z") && until.restoreFromDateTime == nil)
    let window = try restore("restore-window-example").config
    #expect(window.timeBounds.from == Instant(rfc3339: "2021-01-01T00:00:00Z"))
    #expect(window.timeBounds.until == Instant(rfc3339: "2021-02-01T00:00:00Z"))
    #expect(window.topics == one)
  }

  @Test("Offsets by partition") func offsets() throws {
    let config = try restore("offsets-example").config
    #expect(
      config.topics.first?.partitions == [
        PartitionSelection(number: 0, restoreUntilOffset: 100),
        PartitionSelection(number: 1, restoreFromOffset: 50, restoreUntilOffset: 1500), PartitionSelection(number: 2),
      ])
  }

  @Test("Without preflight checks") func withoutChecks() throws {
    let topic = try #require(try restore("without-preflight-checks").config.topics.first)
    #expect(topic.disablePreflightChecks && topic.source == "source-topic-name" && topic.target == "target-topic-name")
  }
}
