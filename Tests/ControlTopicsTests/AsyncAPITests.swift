import ControlTopics
import JSON
import Testing
import YAML

/// The structure that AsyncAPI 3 asks for, as far as the contract uses it: nothing refers to what isn't there, and examples are what they say.
@Suite("The AsyncAPI document") struct AsyncAPITests {
  let document: JSONValue
  let schema: Schema

  init() throws {
    let file = try #require(ContractFile.named("asyncapi.yaml"))
    document = try #require(try YAMLStream.parse(file.text).first).value
    schema = try Schema()
  }

  private func target(_ reference: String) -> JSONValue? {
    guard reference.hasPrefix("#/") else {
      return reference.hasPrefix("./") ? schema.root(String(reference.dropFirst(2)))?.schema : nil
    }
    return reference.dropFirst(2).split(separator: "/").reduce(.some(document)) { $0?[String($1)] }
  }

  private func references(in value: JSONValue) -> [String] {
    if let members = value.object {
      return members.flatMap { $0.key == "$ref" ? [$0.value.string ?? ""] : references(in: $0.value) }
    }
    return (value.array ?? []).flatMap { references(in: $0) }
  }

  @Test("Every reference leads somewhere") func referencesLead() {
    let references = references(in: document)
    #expect(references.count > 20)
    for reference in references { #expect(target(reference) != nil, "\(reference)") }
  }

  @Test("It has the objects and fields of AsyncAPI 3, and no others") func fields() throws {
    let root: Set = [
      "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components",
    ]
    #expect(document["asyncapi"]?.string?.hasPrefix("3.") == true)
    let parts = Set(document.object?.keys ?? [])
    #expect(parts.isSubset(of: root))
    #expect(document["info"]?["title"]?.string != nil && document["info"]?["version"]?.string != nil)
    let known: [(object: String, required: Set<String>, fields: Set<String>)] = [
      ("servers", ["host", "protocol"], ["title", "summary", "description", "bindings", "tags"]),
      (
        "channels", ["address", "messages"],
        ["title", "summary", "description", "servers", "parameters", "bindings", "tags"]
      ),
      (
        "operations", ["action", "channel"],
        ["title", "summary", "description", "messages", "reply", "bindings", "traits", "tags"]
      ),
    ]
    for (object, required, fields) in known {
      for (name, value) in try #require(document[object]?.object) {
        let keys = Set(value.object?.keys ?? [])
        #expect(required.isSubset(of: keys) && keys.isSubset(of: required.union(fields)), "\(object).\(name): \(keys)")
      }
    }
    let message: Set = [
      "name", "title", "summary", "description", "contentType", "payload", "headers", "correlationId", "bindings",
      "examples", "tags", "traits", "externalDocs",
    ]
    for (name, value) in try #require(document["components"]?["messages"]?.object) {
      let parts = Set(value.object?.keys ?? [])
      #expect(parts.isSubset(of: message), "\(name)")
      #expect(value["payload"]?["schemaFormat"]?.string == "application/schema+json;version=draft-07")
    }
  }

  @Test("An operation is about messages of its own channel, and each channel has one") func operations() throws {
    var used: Set<String> = []
    for (name, operation) in try #require(document["operations"]?.object) {
      #expect(["send", "receive"].contains(operation["action"]?.string))
      let channel = try #require(operation["channel"]?["$ref"]?.string)
      used.insert(channel)
      for message in operation["messages"]?.array ?? [] {
        #expect(message["$ref"]?.string?.hasPrefix("\(channel)/messages/") == true, "\(name)")
      }
    }
    #expect(used == Set(ControlTopic.allCases.map { "#/channels/\($0.rawValue)" }))
  }

  @Test("A message's examples are as its payload's schema says") func examples() throws {
    var checked = 0
    for (name, message) in try #require(document["components"]?["messages"]?.object) {
      let reference = try #require(message["payload"]?["schema"]?["$ref"]?.string)
      let node = try #require(schema.root(String(reference.dropFirst(2))), "\(name)")
      for example in message["examples"]?.array ?? [] {
        #expect(schema.problems(try #require(example["payload"]), node) == [], "\(name)")
        checked += 1
      }
    }
    #expect(checked >= 3)
  }
}
