import JSON
import Testing

@Suite("Members in the order of the one who wrote them") struct OrderedMembersTests {
  private func read<Value>(_ text: String, _ body: (inout OrderedMembers) -> Value?) throws -> Value? {
    try JSONDocument(parsing: Array(text.utf8)).read { view in
      guard var members = OrderedMembers(view) else { return nil }
      return body(&members)
    }
  }

  private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("They are taken one after the other, to the last") func order() throws {
    let all = try read(#"{"a": -1, "b": "é", "c": {"d": ""}, "e": 2}"#) { members -> [String]? in
      guard let a = members.int("a"), let b = members.text("b"), var c = members.members("c"), !members.isAtEnd,
        let d = c.text("d"), c.isAtEnd, let e = members.int("e"), members.isAtEnd
      else { return nil }
      return ["\(a)", text(b), text(d), "\(e)"]
    }
    #expect(all == ["-1", "é", "", "2"])
  }

  @Test(
    "Anything else than what is asked for is nothing",
    arguments: [
      "{}", #"{"b": 1}"#, #"{"a": "1"}"#, #"{"a": null}"#, #"{"a": 1.0}"#, #"{"a": 1234567890123456789}"#,
      #"{"ab": 1}"#, "[]", "1", #"{"a": 1.0, "b": 2}"#,
    ]) func other(text: String) throws
  {
    #expect(try read(text) { $0.int("a") } == nil)
  }

  @Test("A member that needn't be there is asked for by its name, which takes nothing") func next() throws {
    let found = try read(#"{"b": "", "c": 1}"#) { members -> [Bool] in
      let before = [members.isNext("a"), members.isNext("b"), members.isNext("c")]
      return before + [members.text("b") != nil, members.int("c") != nil, members.isNext("c")]
    }
    #expect(found == [false, true, false, true, true, false])
  }

  @Test("A string with an escape is not one of plain bytes, and beyond the end nothing is read") func escapes() throws {
    #expect(try read(#"{"a": "\n"}"#) { $0.text("a").map(text) } == nil)
    #expect(try read(#"{"a": 1}"#) { $0.int("a") != nil ? $0.int("a") : 0 } == nil)
    #expect(try read(#"{"a": {}}"#) { members in members.members("a").flatMap { $0.isAtEnd ? true : nil } } == true)
  }
}
