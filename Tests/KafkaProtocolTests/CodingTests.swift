import Kafka
import KafkaProtocol
import Testing

@Suite("Kafka's requests and answers as bytes") struct CodingTests {
  private func hex(_ text: String) -> [UInt8] {
    text.split(separator: " ").flatMap { word in
      stride(from: 0, to: word.count, by: 2).map { start in
        UInt8(word.dropFirst(start).prefix(2), radix: 16) ?? 0
      }
    }
  }

  private let transaction = TransactionName(id: "t", identity: ProducerIdentity(id: 9, epoch: 2))

  @Test("A classic request has 16-bit text lengths and 32-bit counts") func classic() {
    let request = AddPartitionsToTransaction(transaction, [TopicPartition("ab", 1), TopicPartition("ab", 3)])
    let head = "0018 0001 00000007 0001 63"
    let body = "0001 74 0000000000000009 0002 00000001 0002 6162 00000002 00000001 00000003"
    #expect(request.message(version: 1, correlation: 7, clientID: "c") == hex("\(head) \(body)"))
  }

  @Test("A flexible one has compact lengths and ends each structure with its tagged fields") func flexible() {
    let request = AddPartitionsToTransaction(transaction, [TopicPartition("ab", 1), TopicPartition("c", 3)])
    let head = "0018 0003 00000007 0001 63 00"
    let body = "02 74 0000000000000009 0002 03 03 6162 02 00000001 00 02 63 02 00000003 00 00"
    #expect(request.message(version: 3, correlation: 7, clientID: "c") == hex("\(head) \(body)"))
  }

  @Test("A position without a member, old and new") func positions() {
    let request = TransactionOffsetCommit(
      transaction, group: "g", [TopicPartition("a", 1): .init(offset: 5, metadata: "m")])
    let old =
      "001c 0002 00000001 0000 0001 74 0001 67 0000000000000009 0002"
      + " 00000001 0001 61 00000001 00000001 0000000000000005 ffffffff 0001 6d"
    #expect(request.message(version: 2, correlation: 1, clientID: "") == hex(old))
    let new =
      "001c 0003 00000001 0000 00 02 74 02 67 0000000000000009 0002 ffffffff 01 00"
      + " 02 02 61 02 00000001 0000000000000005 ffffffff 02 6d 00 00 00"
    #expect(request.message(version: 3, correlation: 1, clientID: "") == hex(new))
  }

  @Test("An answer of either form is read, tagged fields of a later release included") func answers() throws {
    let old = hex("00000007 00000000 00000001 0001 61 00000001 00000004 0003")
    let expected = [TopicPartition("a", 4): Int16(3)]
    #expect(try AddPartitionsToTransaction.answer(in: old, version: 1, correlation: 7).errors == expected)
    let new = hex("00000007 01 05 02 aabb 00000000 02 02 61 02 00000004 0003 00 01 09 01 ff 00")
    #expect(try AddPartitionsToTransaction.answer(in: new, version: 3, correlation: 7).errors == expected)
  }

  @Test("An answer to another request, or with bytes to spare, is no answer") func wrongAnswers() {
    let answer = hex("00000007 00000000 0000")
    #expect(throws: WireError.correlation(7, expected: 8)) {
      try EndTransaction.answer(in: answer, version: 1, correlation: 8)
    }
    #expect(throws: WireError.rest(1)) { try EndTransaction.answer(in: answer + [0], version: 1, correlation: 7) }
    #expect(throws: WireError.cutOff) { try EndTransaction.answer(in: answer.dropLast(), version: 1, correlation: 7) }
  }

  @Test("A broker too old for the question about versions answers in the oldest form") func oldBroker() throws {
    let refusal = hex("00000001 0023 00000001 0012 0000 0002")
    let answer = try ApiVersions.negotiate(refusal, version: 3, correlation: 1)
    #expect(answer.error == 35)
    #expect(answer.apis.map(\.max) == [2])
  }

  @Test("The newest version that both speak is spoken, and none where there is none") func versions() {
    func table(_ key: Int16, _ min: Int16, _ max: Int16) -> VersionTable {
      VersionTable(ApiVersions.Answer(error: 0, apis: [(key, min, max)]))
    }
    #expect(table(0, 0, 8).version(of: .produce) == 8)
    #expect(table(0, 3, 13).version(of: .produce) == 11)
    #expect(table(0, 0, 6).version(of: .produce) == nil)
    #expect(table(0, 12, 13).version(of: .produce) == nil)
    #expect(table(0, 9, 3).version(of: .produce) == nil)
    #expect(table(0, 3, 13).version(of: .metadata) == nil)
  }

  @Test("A count beyond the answer's bytes is an error and takes no memory") func counts() {
    for count in ["7fffffff", "fffffffe", "00000010"] {
      let answer = hex("00000007 00000000 \(count)")
      #expect(throws: WireError.self) { try AddPartitionsToTransaction.answer(in: answer, version: 1, correlation: 7) }
    }
    for count in ["ffffffff0f", "ffffffffff01", "10", "ffffffff7f"] {
      let answer = hex("00000007 00 00000000 \(count)")
      #expect(throws: WireError.self) { try AddPartitionsToTransaction.answer(in: answer, version: 3, correlation: 7) }
    }
  }
}
