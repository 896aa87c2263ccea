import ColdStorage
import Kafka
import RestoreModel
import Threads

/// A sink's word on a codec, by the first partition that it came from.
struct RefusedCodec: Hashable {
  let codec: BatchCodec
  let partition: TopicPartition
}

/// The codecs that brokers of a run's sink were seen to refuse: one for all of the run's work here, so that a lane that begins after the answer keeps to
/// it. Nothing says so before the first batch: Kafka has no request that asks for it.
package final class RefusedCodecs: Sendable {
  private let refused = Locked([BatchCodec: TopicPartition]())

  package init() {}

  func insert(_ refusals: some Sequence<RefusedCodec>) {
    refused.withLock { refused in
      for refusal in refusals where refused[refusal.codec] == nil { refused[refusal.codec] = refusal.partition }
    }
  }

  /// By codec.
  var all: [RefusedCodec] {
    refused.withLock { $0 }.map { RefusedCodec(codec: $0, partition: $1) }
      .sorted { $0.codec.rawValue < $1.codec.rawValue }
  }

  /// What may still be sent.
  var accepted: Set<BatchCodec> { Set(BatchCodec.allCases).subtracting(refused.withLock { $0 }.keys) }

  /// Why nothing can be sent any more; nil as long as one of the codecs that can be written is left.
  var exhaustion: RunFault? {
    guard BatchBuilder.codecs.isDisjoint(with: accepted) else { return nil }
    let list = all.map { "\($0.codec) for \($0.partition)" }.joined(separator: ", ")
    return RunFault(
      reason: RunFault.codecRefused,
      message: "the sink refuses batches of every codec that stored ones can be encoded in (\(list)); let its brokers "
        + "take one of them, then retry, or begin a new run with recordPath: perRecord and the EventHub's compression.type "
        + "set to a codec that they take")
  }
}

extension RunFault {
  static let codecRefused = "CodecRefused"
}
