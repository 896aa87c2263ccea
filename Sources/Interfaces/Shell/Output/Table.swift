/// Columns for people: as wide as their widest cell, three spaces apart, as kubectl prints them.
struct Table {
  var header: [String]
  var rows: [[String]] = []
  /// Written before every line.
  var indent = ""

  init(_ header: [String], indent: String = "") {
    self.header = header
    self.indent = indent
  }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// By column, in columns of a terminal.
  var widths: [Int] {
    let all = [header] + rows
    var widths = [Int](repeating: 0, count: all.map(\.count).max() ?? 0)
    for row in all {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], DisplayWidth.of(cell)) }
    }
    return widths
  }

  var lines: [String] {
    let widths = widths
    return ([header] + rows).map { Self.line($0, widths, indent) }
  }

  /// Lines of a table that goes on: the widths are those of the rows so far.
  static func line(_ cells: [String], _ widths: [Int], _ indent: String = "") -> String {
    var line = indent
    for (column, cell) in cells.enumerated() {
      // The last column is not filled, so that no line ends in spaces.
      line += column == cells.count - 1 ? cell : cell.padded(to: column < widths.count ? widths[column] : 0) + "   "
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
