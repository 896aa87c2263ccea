/// A command line that was understood.
package struct Invocation: Sendable, Hashable {
  package enum Source: Sendable, Hashable {
    case commandLine
    /// - name: of the variable.
    case environment(name: String)
    case configFile
    case standard
  }

  struct Setting: Sendable, Hashable {
    /// For a flag, as many elements as it was given times.
    var values: [String]
    var source: Source
  }

  /// From the program's name to the command's: `["thaw", "topics", "create"]`.
  package let command: [String]
  /// Whether help on `command` is wanted instead of what it does. Nothing else was checked then.
  package let wantsHelp: Bool
  let settings: [String: Setting]
  let arguments: [String: [String]]

  /// The command without the program's name.
  package var path: [String] { Array(command.dropFirst()) }

  /// The option's value, its default included.
  package func value(_ option: String) -> String? { settings[option]?.values.last }
  package func value(_ option: Command.Option) -> String? { value(option.name) }

  /// All values of an option that repeats, in their order.
  package func values(_ option: String) -> [String] { settings[option]?.values ?? [] }
  package func values(_ option: Command.Option) -> [String] { values(option.name) }

  package func flag(_ option: String) -> Bool { count(option) > 0 }
  package func flag(_ option: Command.Option) -> Bool { flag(option.name) }

  /// How often a flag was given.
  package func count(_ option: String) -> Int { settings[option]?.values.count ?? 0 }
  package func count(_ option: Command.Option) -> Int { count(option.name) }

  /// Where the option's value comes from; nil when it has none.
  package func source(_ option: String) -> Source? { settings[option]?.source }

  package func argument(_ name: String) -> String? { arguments[name]?.first }

  /// All words of an argument that repeats.
  package func arguments(_ name: String) -> [String] { arguments[name] ?? [] }

  /// An error that names this command.
  package func usageError(_ message: String, suggestion: String? = nil) -> UsageError {
    UsageError(command, message, suggestion: suggestion)
  }
}
