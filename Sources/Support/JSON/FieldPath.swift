/// Where a value stands in a document: `config.topics[1].target`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
  public enum Step: Sendable, Hashable {
    case member(String)
    case element(Int)
  }

  /// The whole document.
  package static let root = FieldPath()

  /// Paths are made for every object that is read and looked at only where something is wrong: what one begins with isn't copied.
  private final class Link: Sendable {
    let step: Step
    let before: Link?

    init(_ step: Step, after before: Link?) {
      self.step = step
      self.before = before
    }
  }

  private let last: Link?

  private init(last: Link?) { self.last = last }

  package init(_ steps: [Step] = []) { last = steps.reduce(nil) { Link($1, after: $0) } }

  package var steps: [Step] {
    var (steps, link): ([Step], Link?) = ([], last)
    while let found = link {
      steps.append(found.step)
      link = found.before
    }
    return steps.reversed()
  }

  package func appending(_ step: Step) -> FieldPath { FieldPath(last: Link(step, after: last)) }

  public static func == (left: FieldPath, right: FieldPath) -> Bool { left.steps == right.steps }

  public func hash(into hasher: inout Hasher) { hasher.combine(steps) }

  @usableFromInline package subscript(member: String) -> FieldPath { appending(.member(member)) }
  @usableFromInline package subscript(element: Int) -> FieldPath { appending(.element(element)) }

  /// Nothing for the root. A member whose name is not letters, digits, `_`, `-` and `$` stands quoted: `labels["a.b/c"]`.
  public var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .element(let index): text += "[\(index)]"
      case .member(let name) where Self.isPlain(name): text += text.isEmpty ? name : ".\(name)"
      case .member(let name): text += "[\(Self.quoted(name))]"
      }
    }
    return text
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= longestName
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"):
          true
        default: false
        }
      }
  }

  /// Names come from whoever wrote the document, and paths go to terminals and logs: long ones are cut, control characters escaped.
  package static func quoted(_ name: String) -> String {
    var text = "\""
    var count = 0
    for scalar in name.unicodeScalars {
      if count == longestName {
        text += "…"
        break
      }
      count += 1
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      default:
        text += Self.isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
      }
    }
    return text + "\""
  }

  private static let longestName = 80

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
