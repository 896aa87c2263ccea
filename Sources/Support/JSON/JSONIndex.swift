/// Where the values of a document stand among its bytes, found in one pass: nothing is copied, and one list is all that is allocated.
///
/// It knows what programs write: objects of at most 64 members, nesting to 64 levels, integers of at most 18 digits, strings without `\u`. There
/// is no index of anything else, be it JSON or not: the caller then asks jansson, which also says what is wrong, and where. What has an index,
/// jansson reads alike.
struct JSONIndex {
  enum Kind: UInt8 {
    case null, yes, no, integer, string, array, object
  }

  /// One value or one member's key. An object's or an array's are followed by those of what it holds, an object's by key and value in turn.
  struct Node {
    var kind: Kind
    /// A string that has to be read through its escapes.
    var isEscaped = false
    /// Where it begins among the bytes: a string after its quote.
    var start: UInt32
    /// How many bytes a string has, as it is written; how many members or elements there are.
    var count: UInt32 = 0
    /// Where the next value's node stands, behind all that this one holds.
    var end: UInt32 = 0
  }

  let nodes: [Node]

  /// Nil if there is none of this document.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, root: JSONValue.Root) {
    guard bytes.count < Int(Int32.max) else { return nil }
    var scanner = JSONScanner(bytes)
    guard scanner.document(), root == .any || scanner.isContainer else { return nil }
    nodes = scanner.nodes
  }
}

extension JSONIndex {
  /// What the byte after a backslash stands for; nil for `u`, and for what may not stand there.
  static func unescaped(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }
}
