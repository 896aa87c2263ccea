import Kafka
import RestoreModel
import Testing

@testable import ColdStorage
@testable import RestoreEngine

@Suite("Codecs that a sink refuses") struct RefusedCodecsTests {
  @Test("What is encoded again keeps its codec where it can, and never gets a refused one as long as one is left")
  func encoding() {
    var rules = WireFeedTests.rules()
    #expect(BatchCodec.allCases.map { rules.encoding(of: $0) } == [.none, .lz4, .lz4, .lz4, .zstd])
    rules.codecs = [.none, .gzip, .snappy, .lz4]
    #expect(BatchCodec.allCases.map { rules.encoding(of: $0) } == [.none, .lz4, .lz4, .lz4, .lz4])
    rules.codecs = [.none, .gzip]
    #expect(BatchCodec.allCases.allSatisfy { rules.encoding(of: $0) == .none })
    rules.codecs = [.gzip, .lz4, .zstd]
    #expect(BatchCodec.allCases.map { rules.encoding(of: $0) } == [.lz4, .lz4, .lz4, .lz4, .zstd])
    rules.codecs = [.gzip, .zstd]
    #expect(BatchCodec.allCases.allSatisfy { rules.encoding(of: $0) == .zstd })
  }

  @Test("The first partition that says it is remembered; only without a codec to write in it is a failure")
  func memory() throws {
    let codecs = RefusedCodecs()
    func refuse(_ codec: BatchCodec, _ number: Int32) {
      codecs.insert([RefusedCodec(codec: codec, partition: TopicPartition("t", number))])
    }
    #expect(codecs.accepted == Set(BatchCodec.allCases) && codecs.all.isEmpty)
    refuse(.zstd, 1)
    refuse(.zstd, 2)
    refuse(.lz4, 3)
    #expect(codecs.accepted == [.none, .gzip, .snappy] && codecs.exhaustion == nil)
    #expect(codecs.all.map(\.partition.partition) == [3, 1])
    refuse(.none, 4)
    let fault = try #require(codecs.exhaustion)
    #expect(fault.reason == "CodecRefused" && !fault.isTransient)
    #expect(fault.message.contains("none for t-4, lz4 for t-3, zstd for t-1"), "\(fault.message)")
  }
}
