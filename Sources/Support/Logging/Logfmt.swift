/// `key=value` as logfmt has it: a value with anything but plain characters stands in quotes, with JSON's escapes.
enum Logfmt {
  /// A value beyond so many characters is cut: a line must never carry a whole record.
  static let longestValue = 4096

  static func fields(_ fields: Logger.Fields) -> String {
    var text = ""
    for (key, field) in fields { text += " \(Self.key(key))=\(value(field.description))" }
    return text
  }

  static func key(_ key: String) -> String {
    let scalars = key.unicodeScalars.map { isPlain($0) && $0 != ":" ? Character($0) : "_" }
    return scalars.isEmpty ? "_" : String(scalars)
  }

  static func value(_ value: String) -> String {
    let scalars = value.unicodeScalars
    let cut = scalars.index(scalars.startIndex, offsetBy: longestValue, limitedBy: scalars.endIndex)
    let kept = scalars[..<(cut ?? scalars.endIndex)]
    let ellipsis = kept.endIndex == scalars.endIndex ? "" : "…"
    if !kept.isEmpty, kept.allSatisfy(isPlain) { return String(kept) + ellipsis }
    var text = "\""
    for scalar in kept {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where isInvisible(scalar): text += escape(scalar)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + ellipsis + "\""
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value > 0x20 && scalar.value < 0x7F && scalar != "\"" && scalar != "=" && scalar != "\\"
  }

  /// Control characters would move a terminal's cursor, and direction marks would reorder the line.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    var text = ""
    for unit in String(scalar).utf16 {
      let digits = String(unit, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return text
  }
}
