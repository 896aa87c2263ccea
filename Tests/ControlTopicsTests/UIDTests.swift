import ControlTopics
import RestoreModel
import Testing

@Suite("The uid of what a command creates") struct UIDTests {
  @Test("It follows from the installation and the offset, as anybody can compute") func checkValue() throws {
    let uid = try UID(installation: "6f9619ff-8b86-4011-b42d-00cf4fc964ff", offset: 42)
    #expect(uid.text == "269eacbc-5a3c-80e2-a635-d2b065b3db0d")
  }

  @Test("Another offset or another installation gives another uid") func differs() throws {
    let one = try UID(installation: "a", offset: 1)
    #expect(try UID(installation: "a", offset: 2) != one)
    #expect(try UID(installation: "b", offset: 1) != one)
    #expect(try UID(installation: "a", offset: 1) == one)
  }
}
