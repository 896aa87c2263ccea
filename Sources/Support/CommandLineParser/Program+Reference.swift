extension Program {
  /// All commands as Markdown, for the documentation.
  ///
  /// - Parameter level: of the headings.
  package func reference(headingLevel level: Int = 3) -> String {
    let heading = String(repeating: "#", count: max(1, min(level, 6)))
    return chains.map { chain in
      var blocks = ["\(heading) `\(chain.names.joined(separator: " "))`"]
      let command = chain[chain.count - 1]
      blocks.append(Self.sentence(command.summary))
      blocks.append("```\n\(usage(chain))\n```")
      blocks += TextLayout.split(command.discussion).map { $0.hasPrefix(" ") ? "```\n\($0)\n```" : $0 }
      if !command.arguments.isEmpty {
        blocks.append(Self.table(["argument", ""], command.arguments.map { ["`\($0.usage)`", $0.summary] }))
      }
      if !command.options.isEmpty {
        let rows = command.options.map { option in
          [
            "`\(Self.spelled(option))`", explanation(option, withVariable: false),
            option.variable(prefix: environmentPrefix).map { "`\($0)`" } ?? "",
          ]
        }
        blocks.append(Self.table(["option", "", "environment"], rows))
      }
      return blocks.joined(separator: "\n\n")
    }.joined(separator: "\n\n") + "\n"
  }

  private static func sentence(_ summary: String) -> String {
    summary.prefix(1).uppercased() + summary.dropFirst() + "."
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows.map { $0.map(escaped) }
    return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
  }

  private static func escaped(_ cell: String) -> String {
    cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
