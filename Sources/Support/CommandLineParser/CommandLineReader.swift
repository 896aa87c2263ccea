import Spelling

/// Reads words from left to right: finds the command, its options as given, and the words that are left.
struct CommandLineReader {
  private(set) var chain: [Command]
  private(set) var given: [String: [String]] = [:]
  private(set) var wantsHelp = false
  private var words: [String] = []

  init(root: Command) { chain = [root] }

  private var command: Command { chain[chain.count - 1] }

  mutating func read(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        words += rest
        break
      } else if argument.hasPrefix("--") {
        try readLong(argument.dropFirst(2), &rest)
      } else if argument.hasPrefix("-"), argument != "-" {
        try readShort(argument.dropFirst(), &rest)
      } else {
        try readWord(argument)
      }
    }
  }

  private mutating func readWord(_ word: String) throws(UsageError) {
    guard !command.subcommands.isEmpty else {
      words.append(word)
      return
    }
    if let next = command.subcommand(word) {
      chain.append(next)
    } else if word == "help", chain.count == 1 {
      wantsHelp = true
    } else {
      let names = command.subcommands.map(\.name)
      throw error("there is no command \"\(word)\"", Suggestion.nearest(to: word, among: names).map { "\"\($0)\"" })
    }
  }

  /// `--name`, `--name value`, `--name=value`.
  private mutating func readLong(_ text: Substring, _ rest: inout ArraySlice<String>) throws(UsageError) {
    let equals = text.firstIndex(of: "=")
    let name = String(text[..<(equals ?? text.endIndex)])
    guard let option = chain.visibleOptions.first(where: { $0.name == name }) else { throw unknown(name) }
    try accept(option, "--\(name)", attached: equals.map { String(text[text.index(after: $0)...]) }, &rest)
  }

  /// `-v`, `-vv`, `-o value`, `-ovalue`, `-o=value`, and flags before it: `-vo value`.
  private mutating func readShort(_ text: Substring, _ rest: inout ArraySlice<String>) throws(UsageError) {
    var letters = text
    while let letter = letters.popFirst() {
      guard let option = chain.visibleOptions.first(where: { $0.short == letter }) else {
        throw error("there is no option -\(letter)", Self.longForm(of: text, chain.visibleOptions))
      }
      guard option.isFlag else {
        let attached = letters.isEmpty ? nil : String(letters.first == "=" ? letters.dropFirst() : letters)
        return try accept(option, "-\(letter)", attached: attached, &rest)
      }
      try accept(option, "-\(letter)", attached: nil, &rest)
    }
  }

  private mutating func accept(
    _ option: Command.Option, _ written: String, attached: String?, _ rest: inout ArraySlice<String>
  ) throws(UsageError) {
    if option.isFlag {
      let isSet: Bool
      switch attached {
      case nil: isSet = true
      case let text?:
        guard let value = OptionSources.truth(text) else { throw error("\(written) must be true or false") }
        isSet = value
      }
      if option.name == Program.helpOption.name {
        wantsHelp = wantsHelp || isSet
      } else if isSet {
        given[option.name, default: []].append("true")
      } else {
        given[option.name] = []
      }
      return
    }
    guard let value = attached ?? rest.popFirst() else { throw error("\(written) needs a value") }
    guard option.repeats || given[option.name] == nil else { throw error("\(written) can be given only once") }
    given[option.name, default: []].append(value)
  }

  private func unknown(_ name: String) -> UsageError {
    let names = chain.visibleOptions.map(\.name)
    if let near = Suggestion.nearest(to: name, among: names) {
      return error("there is no option --\(name)", "--\(near)")
    }
    // An option of a subcommand that was named too late, or of another command.
    let below = command.subcommands.first { $0.options.contains { $0.name == name } }
    return error(
      "there is no option --\(name)", below.map { "\((chain.names + [$0.name]).joined(separator: " ")) --\(name)" })
  }

  /// `-output` for `--output`.
  private static func longForm(of text: Substring, _ options: [Command.Option]) -> String? {
    let name = text.prefix { $0 != "=" }
    return options.contains { $0.name == name } ? "--\(name)" : nil
  }

  private func error(_ message: String, _ suggestion: String? = nil) -> UsageError {
    UsageError(chain.names, message, suggestion: suggestion)
  }

  /// The words that are left, by the argument that each belongs to.
  func matchedArguments() throws(UsageError) -> [String: [String]] {
    guard command.subcommands.isEmpty else {
      let names = command.subcommands.map(\.name).joined(separator: ", ")
      if let word = words.first { throw error("there is no command \"\(word)\"") }
      throw error("which command? There are \(names)")
    }
    var rest = words[...]
    var matched: [String: [String]] = [:]
    for argument in command.arguments {
      let taken = argument.repeats ? rest : rest.prefix(1)
      rest = rest.dropFirst(taken.count)
      if taken.isEmpty, !argument.isOptional { throw error("\(argument.name) is missing") }
      if !taken.isEmpty { matched[argument.name] = Array(taken) }
    }
    if let word = rest.first { throw error("\"\(word)\" is one argument too many") }
    return matched
  }
}
