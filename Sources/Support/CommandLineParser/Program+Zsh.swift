extension Program {
  /// One function for each command, built from `_arguments`, which knows options, their values and what each means.
  func zshCompletion() -> String {
    """
    #compdef \(root.name)
    # zsh completion for \(root.name)
    \(chains.map(zshFunction).joined(separator: "\n"))
    if [[ "$funcstack[1]" == \(zshName([root])) ]]; then \(zshName([root])) "$@"; else compdef \(zshName([root])) \(root.name); fi

    """
  }

  private func zshName(_ chain: [Command]) -> String {
    "_" + ([shellName] + chain.dropFirst().map(\.name)).joined(separator: "_")
  }

  private func zshFunction(_ chain: [Command]) -> String {
    let command = chain[chain.count - 1]
    var specs = chain.visibleOptions.flatMap(Self.zshOption)
    guard !command.subcommands.isEmpty else {
      specs += command.arguments.enumerated().map(Self.zshArgument)
      return "\(zshName(chain))() {\n  _arguments -s -S\(Self.zshLines(specs))\n}"
    }
    specs += ["'1: :->command'", "'*:: :->rest'"]
    let described = command.subcommands.map { Self.quoted("\(Self.zshEscaped($0.name)):\($0.summary)") }
    let cases = command.subcommands.map { subcommand in
      let names = ([subcommand.name] + subcommand.aliases).joined(separator: "|")
      return "        \(names)) \(zshName(chain + [subcommand])) ;;"
    }
    return """
      \(zshName(chain))() {
        local state line context
        local -A opt_args
        _arguments -s -S -C\(Self.zshLines(specs))
        case $state in
          command)
            local -a commands=(\(described.joined(separator: " ")))
            _describe command commands ;;
          rest)
            case $words[1] in
      \(cases.joined(separator: "\n"))
            esac ;;
        esac
      }
      """
  }

  private static func zshLines(_ specs: [String]) -> String {
    specs.map { " \\\n    \($0)" }.joined()
  }

  private static func zshOption(_ option: Command.Option) -> [String] {
    let value: String
    switch option.kind {
    case .flag: value = ""
    case .value(let name, let choices):
      let action = choices.isEmpty ? "_files" : "(\(choices.joined(separator: " ")))"
      value = ":\(zshEscaped(name)):\(action)"
    }
    let summary = zshEscaped(option.summary)
    return spellings(option).map { spelling in
      // `=` after a long option: its value may follow an equals sign or a space.
      let joint = option.isFlag ? "" : spelling.hasPrefix("--") ? "=" : "+"
      let exclusion = option.repeats ? "*" : "(\(spellings(option).joined(separator: " ")))"
      return quoted("\(exclusion)\(spelling)\(joint)[\(summary)]\(value)")
    }
  }

  private static func zshArgument(_ index: Int, _ argument: Command.Argument) -> String {
    let action = argument.suggestions.isEmpty ? "_files" : "(\(argument.suggestions.joined(separator: " ")))"
    let place = argument.repeats ? "*" : String(index + 1)
    let colons = argument.isOptional && !argument.repeats ? "::" : ":"
    return quoted("\(place)\(colons)\(zshEscaped(argument.name)):\(action)")
  }

  private static func zshEscaped(_ text: String) -> String {
    String(text.flatMap { "[]:\\".contains($0) ? ["\\", $0] : [$0] })
  }
}
