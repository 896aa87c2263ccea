/// A shell that we write completions for.
package enum CompletionShell: String, Sendable, CaseIterable {
  case bash
  case zsh
  case fish
}

extension Program {
  /// A script for the shell to source. It holds everything it offers and doesn't call the program.
  package func completion(_ shell: CompletionShell) -> String {
    switch shell {
    case .bash: bashCompletion()
    case .zsh: zshCompletion()
    case .fish: fishCompletion()
    }
  }

  /// The program's name as part of a shell function's.
  var shellName: String { String(root.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }) }

  /// What can be written where a command has been named, apart from file names.
  static func words(_ chain: [Command]) -> [String] {
    let command = chain[chain.count - 1]
    return command.subcommands.map(\.name) + command.arguments.flatMap(\.suggestions)
  }

  /// As the shells read it: `--name` and `-n`.
  static func spellings(_ option: Command.Option) -> [String] {
    ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
  }

  static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
