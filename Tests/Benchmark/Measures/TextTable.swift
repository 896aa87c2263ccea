/// Rows under a heading, in columns: text to the left, numbers to the right.
package struct TextTable: Sendable {
  package let title: String
  package let header: [String]
  package private(set) var rows: [[String]] = []
  /// Columns of text, from the left.
  private let texts: Int

  package init(_ title: String, _ header: [String], texts: Int = 1) {
    (self.title, self.header, self.texts) = (title, header, texts)
  }

  /// A row that is short is filled up with empty cells.
  package mutating func add(_ row: [String]) {
    rows.append(header.indices.map { $0 < row.count ? row[$0] : "" })
  }

  package var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let lines = all.map { row -> String in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "  " : "   ") + (column < texts ? cell + space : space + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    return ([title] + lines).joined(separator: "\n")
  }
}

/// Numbers as people read them.
package enum Spelled {
  /// Two digits behind the point below 10, one below 100, else none.
  package static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    let digits = abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
    return fixed(value, digits)
  }

  package static func range(_ range: ClosedRange<Double>?) -> String {
    guard let range else { return "–" }
    return "\(number(range.lowerBound))–\(number(range.upperBound))"
  }

  /// What a figure should be; empty where nothing is asked.
  package static func reach(_ value: Double?) -> String {
    guard let value else { return "" }
    return value == value.rounded() ? "≥ \(fixed(value, 0))" : "≥ \(fixed(value, 1))"
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = [1.0, 10, 100][digits]
    let scaled = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int64(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(scaled / Int64(scale)).\(zeros)\(fraction)"
  }
}
