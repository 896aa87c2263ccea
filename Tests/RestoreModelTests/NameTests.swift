import RestoreModel
import Testing

@Suite("Names and keys")
struct NameTests {
  @Test(
    "A label is a DNS-1123 label",
    arguments: [
      ("a", true), ("a-b", true), ("0a9", true), (String(repeating: "x", count: 63), true),
      (String(repeating: "x", count: 64), false), ("", false), ("-a", false), ("a-", false), ("A", false),
      ("a.b", false),
      ("a_b", false), ("ä", false), ("a b", false),
    ])
  func labels(text: String, legal: Bool) {
    #expect(DNSName.isLabel(text) == legal)
  }

  @Test(
    "A subdomain is labels between dots",
    arguments: [
      ("a.b.c", true), ("orders-2021", true), ("a..b", false), (".a", false), ("a.", false), ("", false),
      ("a/b", false),
      (String(repeating: "abcdefg.", count: 31) + "hijkl", true),
      (String(repeating: "abcdefg.", count: 31) + "hijklm", false),
    ])
  func subdomains(text: String, legal: Bool) {
    #expect(DNSName.isSubdomain(text) == legal)
  }

  @Test(
    "A topic's name is what a broker takes",
    arguments: [
      ("orders", true), ("Orders_2.x-y", true), (".", false), ("..", false), ("...", true), ("", false), ("a b", false),
      ("ü", false), ("a/b", false), (String(repeating: "t", count: 249), true),
      (String(repeating: "t", count: 250), false),
    ])
  func topics(text: String, legal: Bool) {
    #expect(TopicName(text).isLegal == legal)
  }

  @Test("A key is read as it is written, and nothing else is a key")
  func keys() {
    for kind in ResourceKind.allCases {
      let key = ResourceKey(kind, namespace: "ns", name: "a.b")
      #expect(ResourceKey(parsing: key.description) == key)
    }
    for text in [
      "", "restores", "restores/a", "restores/a/b/c", "restore/a/b", "Restores/a/b", "restores//b", "restores/a/",
      "restores/a.b/c", "restores/A/b", " restores/a/b", "restores/a/b\n",
    ] { #expect(ResourceKey(parsing: text) == nil, "\(text)") }
  }

  @Test("Types of events and names of commands are those of the contract")
  func phasesShow() {
    #expect(
      Phase.allCases.map(\.shown) == [
        "📝 Draft", "👍 Ready", "⛔ Invalid", "⏳ Initializing", "🚀 Restoring", "⏸ Paused", "❌ Failed", "✅ Done",
      ])
  }
}
