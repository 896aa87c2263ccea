import Kafka
import Seeded
import Testing

@testable import KafkaProtocol

@Suite("The batches of one partition") struct TargetQueueTests {
  private let signer = BatchSigner(ProducerIdentity(id: 1, epoch: 0), isTransactional: true)

  private func sequence(_ batch: OutgoingBatch) -> Int32 {
    batch.header[53..<57].reduce(Int32(0)) { $0 << 8 | Int32($1) }
  }

  @Test("Whatever is answered in which way, they are written once and in order", arguments: UInt64(1)...20)
  func order(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let stored = StoredBytes(payload: 20, seed: 1, count: 10)
    try stored.bytes.withUnsafeBytes { bytes in
      let (header, payload) = (bytes[..<61], bytes[61...])
      let queue = TargetQueue(TopicPartition("t", 0))
      queue.leader = 1
      queue.beginTransaction()
      for slot in 0..<50 {
        queue.append(
          OutgoingBatch(
            slot: slot, header: UnsafeRawBufferPointer(rebasing: header),
            payload: UnsafeRawBufferPointer(rebasing: payload), verifies: false))
      }
      // A broker: it appends what comes next, knows what it has, and refuses a gap.
      var log: [Int] = []
      var expected: Int32 = 0
      var inFlight: [OutgoingBatch] = []
      var steps = 0
      while !queue.isIdle {
        steps += 1
        try #require(steps < 10_000)
        if queue.isReady, Bool.random(using: &random) {
          let batch = try #require(try queue.take(for: 1, signer))
          inFlight.append(batch)
          #expect(inFlight.count <= (queue.isAccepted ? 5 : 1))
          continue
        }
        guard !inFlight.isEmpty else { continue }
        let batch = inFlight.removeFirst()
        let (isOldest, isNext) = (queue.isOldest(batch), sequence(batch) == expected)
        #expect(queue.settle(batch))
        // Refused, or written and its answer lost, or written and told.
        let fate = Int.random(in: 0..<4, using: &random)
        if isNext, fate > 0 {
          log.append(batch.slot)
          expected += batch.recordCount
        }
        if sequence(batch) < expected, fate != 1 {
          queue.isAccepted = true
        } else {
          if sequence(batch) > expected { #expect(!isOldest, "a gap without anything missing") }
          queue.fail(batch)
        }
        queue.requeue()
      }
      #expect(log == Array(0..<50), "seed \(seed)")
    }
  }

  @Test("What is given up before it was ever sent leaves no gap") func drop() throws {
    let stored = StoredBytes(payload: 20, seed: 1, count: 10)
    try stored.bytes.withUnsafeBytes { bytes in
      let (header, payload) = (bytes[..<61], bytes[61...])
      let queue = TargetQueue(TopicPartition("t", 0))
      func append() {
        queue.append(
          OutgoingBatch(
            slot: 0, header: UnsafeRawBufferPointer(rebasing: header),
            payload: UnsafeRawBufferPointer(rebasing: payload), verifies: false))
      }
      (0..<3).forEach { _ in append() }
      let first = try #require(try queue.take(for: 1, signer))
      #expect(queue.settle(first))
      #expect(queue.drop().count == 2)
      append()
      #expect(sequence(try #require(try queue.take(for: 1, signer))) == 10)
    }
  }
}

@Suite("What becomes of a refused batch") struct ProduceVerdictTests {
  private func verdict(
    _ code: Int16, transactional: Bool = true, oldest: Bool = true, attempts: Int = 1
  ) -> String {
    let answer = Produce.Acknowledgement(error: code, baseOffset: code == 0 ? 7 : -1)
    let circumstances = ProduceVerdict.Circumstances(
      partition: TopicPartition("t", 0), isTransactional: transactional, isOldest: oldest, attempts: attempts)
    switch ProduceVerdict(answer, circumstances) {
    case .acknowledged(let offset): return offset.map { "written at \($0)" } ?? "written"
    case .again(_, let seeksLeader): return seeksLeader ? "leader" : "again"
    case .failed(let error): return "\(error.disposition)"
    }
  }

  @Test(
    "Each code has its way on",
    arguments: [
      (0, "written at 7"), (46, "written"), (3, "leader"), (5, "leader"), (6, "leader"), (56, "leader"), (74, "leader"),
      (7, "again"), (13, "again"), (14, "again"), (16, "again"), (19, "again"), (20, "again"), (51, "again"),
      (89, "again"),
      (45, "abortable"), (59, "abortable"), (48, "abortable"), (120, "abortable"), (10, "abortable"), (76, "abortable"),
      (87, "abortable"), (32, "abortable"), (47, "abortable"), (90, "fenced"), (29, "fatal"), (53, "fatal"),
      (49, "fatal"),
    ] as [(Int16, String)])
  func codes(code: Int16, expected: String) { #expect(verdict(code) == expected) }

  @Test("A gap is one only when nothing before it is missing, and noise is noise only a few times") func circumstances()
  {
    #expect(verdict(45, oldest: false) == "again")
    #expect(verdict(2, attempts: 2) == "again")
    #expect(verdict(2, attempts: 3) == "abortable")
  }

  @Test("Without a transaction there is nothing to abort") func idempotent() {
    #expect(verdict(45, transactional: false) == "fatal")
    #expect(verdict(10, transactional: false) == "fatal")
    #expect(verdict(76, transactional: false) == "fatal")
    #expect(verdict(47, transactional: false) == "fenced")
  }
}

@Suite("A refused codec") struct CodecRefusalTests {
  @Test("It is told with the partition, whatever else the attributes say", arguments: Int16(0)...4)
  func refusal(codec: Int16) {
    let stored = StoredBytes(payload: 20, seed: 1, count: 10)
    stored.bytes.withUnsafeBytes { bytes in
      let batch = OutgoingBatch(
        slot: 0, header: UnsafeRawBufferPointer(rebasing: bytes[..<61]),
        payload: UnsafeRawBufferPointer(rebasing: bytes[61...]), verifies: false)
      batch.header[22] = 0x10 | UInt8(codec)
      let refusal = CodecRefusal(TopicPartition("t", 3), batch)
      #expect(refusal.codec == codec && refusal.partition == TopicPartition("t", 3))
    }
  }
}
