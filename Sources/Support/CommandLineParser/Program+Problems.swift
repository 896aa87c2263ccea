extension Program {
  /// What is wrong with the declaration itself, for a test: names given twice on one path, arguments that can never be reached.
  package func problems() -> [String] {
    chains.flatMap { chain in Self.problems(chain).map { "\(chain.names.joined(separator: " ")): \($0)" } }
  }

  private static func problems(_ chain: [Command]) -> [String] {
    let command = chain[chain.count - 1]
    let options = chain.visibleOptions
    var found: [String] = []
    found += repeated(options.map(\.name)).map { "option --\($0) is declared twice" }
    found += repeated(options.compactMap(\.short)).map { "option -\($0) is declared twice" }
    found += repeated(command.subcommands.flatMap { [$0.name] + $0.aliases }).map { "command \($0) is declared twice" }
    found += repeated(command.arguments.map(\.name)).map { "argument \($0) is declared twice" }
    if !command.subcommands.isEmpty, !command.arguments.isEmpty { found.append("it has commands and arguments") }
    if command.arguments.dropLast().contains(where: \.repeats) { found.append("an argument follows one that repeats") }
    let firstOptional = command.arguments.firstIndex(where: \.isOptional) ?? command.arguments.endIndex
    if command.arguments[firstOptional...].contains(where: { !$0.isOptional }) {
      found.append("a required argument follows an optional one")
    }
    for option in command.options where !option.choices.isEmpty {
      if let standard = option.defaultValue, !option.choices.contains(standard) {
        found.append("the default of --\(option.name) is none of its choices")
      }
    }
    return found
  }

  private static func repeated<Name: Hashable>(_ names: [Name]) -> [Name] {
    var seen: Set<Name> = []
    return names.filter { !seen.insert($0).inserted }
  }
}
