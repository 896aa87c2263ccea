/// The four kinds of document that the control topics hold.
package enum ResourceKind: String, CaseIterable, Sendable, Hashable {
  case restore = "Restore"
  case storage = "Storage"
  case eventHub = "EventHub"
  case credentials = "Credentials"

  /// The lower-case plural: first part of a resource key, and the name kubectl uses.
  package var plural: String {
    switch self {
    case .restore: "restores"
    case .storage: "storages"
    case .eventHub: "eventhubs"
    case .credentials: "credentials"
    }
  }

  package init?(plural: String) {
    guard let kind = Self.allCases.first(where: { $0.plural == plural }) else { return nil }
    self = kind
  }
}

/// `restores/<namespace>/<name>`: the identity of a document, and the key of its records in every control topic.
package struct ResourceKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let kind: ResourceKind
  package let namespace: String
  package let name: String

  package static let defaultNamespace = "default"

  package init(_ kind: ResourceKind, namespace: String = ResourceKey.defaultNamespace, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// Nil unless `text` has exactly the three parts, the first the plural of a kind, the others DNS-1123 names.
  package init?(parsing text: String) {
    let bytes = text.utf8
    guard let first = bytes.firstIndex(of: UInt8(ascii: "/")),
      let second = bytes[bytes.index(after: first)...].firstIndex(of: UInt8(ascii: "/"))
    else { return nil }
    let (namespace, name) = (text[bytes.index(after: first)..<second], text[bytes.index(after: second)...])
    guard let kind = ResourceKind(plural: String(text[..<first])), DNSName.isLabel(namespace),
      DNSName.isSubdomain(name)
    else { return nil }
    self.init(kind, namespace: String(namespace), name: String(name))
  }

  package var description: String { "\(kind.plural)/\(namespace)/\(name)" }

  package static func < (a: ResourceKey, b: ResourceKey) -> Bool {
    (a.kind.plural, a.namespace, a.name) < (b.kind.plural, b.namespace, b.name)
  }
}

/// RFC 1123 names as Kubernetes restricts them: a namespace is a label (63 bytes), a resource's name a subdomain (253 bytes).
package enum DNSName {
  package static func isLabel(_ text: some StringProtocol) -> Bool {
    var (count, last) = (0, UInt8(ascii: "-"))
    for byte in text.utf8 {
      guard isAlphanumeric(byte) || (byte == UInt8(ascii: "-") && count > 0), count < 63 else { return false }
      (count, last) = (count + 1, byte)
    }
    return last != UInt8(ascii: "-")
  }

  package static func isSubdomain(_ text: some StringProtocol) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    // Nearly all are one label.
    if isLabel(text) { return true }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

/// New for every incarnation of a name: a document deleted and applied again is another one.
package struct UID: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }
}

/// A Kafka topic's name, as written; `isLegal` says whether a broker would take it.
package struct TopicName: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
  package let text: String
  package init(_ text: String) { self.text = text }
  package init(stringLiteral text: String) { self.text = text }
  package var description: String { text }
  package static func < (a: TopicName, b: TopicName) -> Bool { a.text < b.text }

  /// 1 to 249 of `[a-zA-Z0-9._-]`, and neither `.` nor `..` (org.apache.kafka.common.internals.Topic).
  package var isLegal: Bool {
    guard (1...249).contains(text.utf8.count), text != ".", text != ".." else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}

/// The right to speak for a run. Issued by the owner of the control plane in the recorded decision that starts, resumes, retries,
/// restarts, deletes or takes over the run; it only grows within one uid. A fact that carries another one is dropped.
package struct Claim: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let number: Int64
  package init(_ number: Int64) { self.number = number }
  package static let none = Claim(0)
  /// Those that can be read. Far more than are ever issued, and the next one is always there.
  package static let range: ClosedRange<Int64> = 0...(1 << 53)
  package var next: Claim { Claim(number + 1) }
  package var description: String { String(number) }
  package static func < (a: Claim, b: Claim) -> Bool { a.number < b.number }
}

/// A lane is one producer and the topics that share it: its number within the run, from 0. Composition never changes within a run.
package struct LaneID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let number: Int
  package init(_ number: Int) { self.number = number }
  package var description: String { String(number) }
  package static func < (a: LaneID, b: LaneID) -> Bool { a.number < b.number }
}
