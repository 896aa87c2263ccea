/// A command as declared: parsing, help, completion and the reference are all derived from this.
///
/// A command has either subcommands or arguments. Its options are those of its subcommands, too, and may stand before or after their
/// names.
package struct Command: Sendable {
  package let name: String
  /// Other names that are understood but not shown.
  package let aliases: [String]
  /// One line without a full stop.
  package let summary: String
  /// Paragraphs, separated by empty lines. A paragraph that begins with a space is kept as it is.
  package let discussion: String
  package let options: [Option]
  package let arguments: [Argument]
  package let subcommands: [Command]

  package init(
    _ name: String, aliases: [String] = [], _ summary: String, discussion: String = "", options: [Option] = [],
    arguments: [Argument] = [], subcommands: [Command] = []
  ) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.discussion = discussion
    self.options = options
    self.arguments = arguments
    self.subcommands = subcommands
  }

  func subcommand(_ word: String) -> Command? {
    subcommands.first { $0.name == word } ?? subcommands.first { $0.aliases.contains(word) }
  }
}

extension Command {
  /// `--name`, `-n`: a switch, or something with a value.
  package struct Option: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
      case flag
      /// - name: what stands for the value in help, in capitals. - choices: all there are; empty when anything goes.
      case value(name: String, choices: [String])
    }

    package enum Environment: Sendable, Hashable {
      /// The program's prefix and the option's name in capitals: `--to-time` is `THAW_TO_TIME`.
      case derived
      case named(String)
      case none
    }

    /// Without its dashes.
    package let name: String
    package let short: Character?
    package let summary: String
    package let kind: Kind
    /// Whether it may be given more than once. A flag that repeats is counted.
    package let repeats: Bool
    package let defaultValue: String?
    package let environment: Environment

    package static func flag(
      _ name: String, short: Character? = nil, _ summary: String, repeats: Bool = false,
      environment: Environment = .derived
    ) -> Option {
      Option(
        name: name, short: short, summary: summary, kind: .flag, repeats: repeats, defaultValue: nil,
        environment: environment)
    }

    package static func value(
      _ name: String, short: Character? = nil, _ valueName: String, _ summary: String, choices: [String] = [],
      repeats: Bool = false, default defaultValue: String? = nil, environment: Environment = .derived
    ) -> Option {
      Option(
        name: name, short: short, summary: summary, kind: .value(name: valueName, choices: choices), repeats: repeats,
        defaultValue: defaultValue, environment: environment)
    }

    var isFlag: Bool { kind == .flag }

    var choices: [String] {
      if case .value(_, let choices) = kind { choices } else { [] }
    }

    func variable(prefix: String) -> String? {
      switch environment {
      case .none: nil
      case .named(let name): name
      case .derived: prefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
      }
    }
  }
}

extension Command {
  /// A word without dashes. The last argument of a command may repeat.
  package struct Argument: Sendable, Hashable {
    /// In capitals.
    package let name: String
    package let summary: String
    package let isOptional: Bool
    package let repeats: Bool
    /// What completion offers; other words are accepted.
    package let suggestions: [String]

    package static func required(_ name: String, _ summary: String, suggestions: [String] = []) -> Argument {
      Argument(name: name, summary: summary, isOptional: false, repeats: false, suggestions: suggestions)
    }

    package static func optional(_ name: String, _ summary: String, suggestions: [String] = []) -> Argument {
      Argument(name: name, summary: summary, isOptional: true, repeats: false, suggestions: suggestions)
    }

    /// - Parameter atLeastOne: whether none at all is an error.
    package static func repeating(
      _ name: String, _ summary: String, atLeastOne: Bool = true, suggestions: [String] = []
    ) -> Argument {
      Argument(name: name, summary: summary, isOptional: !atLeastOne, repeats: true, suggestions: suggestions)
    }

    /// As it stands in a usage line: `NAME`, `[NAME]`, `NAME…`, `[NAME…]`.
    var usage: String {
      let word = repeats ? name + "…" : name
      return isOptional ? "[\(word)]" : word
    }
  }
}
