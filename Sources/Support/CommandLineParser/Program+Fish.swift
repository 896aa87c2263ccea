extension Program {
  /// One line for each thing to offer, under the condition that the words so far lead to its command.
  func fishCompletion() -> String {
    let function = "__\(shellName)_at"
    return """
      # fish completion for \(root.name)
      function \(function)
        set -l place \(Self.fishQuoted(root.name))
        set -l skip 0
        for word in (commandline -opc)[2..-1]
          if test $skip = 1
            set skip 0
            continue
          end
          switch "$place $word"
      \(fishSteps())
          end
          switch "$place:$word"
      \(fishValueOptions())
          end
        end
        test "$place" = "$argv[1]"
      end
      complete -c \(root.name) -f
      \(chains.flatMap { fishOffers($0, condition: function) }.joined(separator: "\n"))

      """
  }

  private func fishSteps() -> String {
    chains.dropFirst().map { chain in
      let above = chain.dropLast().map(\.name).joined(separator: " ")
      let command = chain[chain.count - 1]
      let patterns = ([command.name] + command.aliases).map { Self.fishQuoted("\(above) \($0)") }
      return """
              case \(patterns.joined(separator: " "))
                set place \(Self.fishQuoted("\(above) \(command.name)"))
        """
    }.joined(separator: "\n")
  }

  private func fishValueOptions() -> String {
    let patterns = chains.flatMap { chain in
      chain.visibleOptions.filter { !$0.isFlag }.flatMap(Self.spellings).map {
        Self.fishQuoted("\(chain.names.joined(separator: " ")):\($0)")
      }
    }
    return patterns.isEmpty ? "" : "      case \(patterns.joined(separator: " "))\n        set skip 1"
  }

  private func fishOffers(_ chain: [Command], condition: String) -> [String] {
    let place = chain.names.joined(separator: " ")
    let head = "complete -c \(root.name) -n \(Self.fishQuoted("\(condition) \(Self.fishQuoted(place))"))"
    let command = chain[chain.count - 1]
    var lines = command.subcommands.map { "\(head) -a \(Self.fishQuoted($0.name)) -d \(Self.fishQuoted($0.summary))" }
    let suggestions = command.arguments.flatMap(\.suggestions)
    if !suggestions.isEmpty { lines.append("\(head) -a \(Self.fishQuoted(suggestions.joined(separator: " ")))") }
    if command.arguments.contains(where: \.suggestions.isEmpty) { lines.append("\(head) -F") }
    for option in chain.visibleOptions {
      var line = "\(head) -l \(option.name)"
      if let short = option.short { line += " -s \(short)" }
      if !option.choices.isEmpty {
        line += " -x -a \(Self.fishQuoted(option.choices.joined(separator: " ")))"
      } else if !option.isFlag {
        line += " -r -F"
      }
      lines.append("\(line) -d \(Self.fishQuoted(option.summary))")
    }
    return lines
  }

  private static func fishQuoted(_ text: String) -> String {
    "'" + String(text.flatMap { "'\\".contains($0) ? ["\\", $0] : [$0] }) + "'"
  }
}
