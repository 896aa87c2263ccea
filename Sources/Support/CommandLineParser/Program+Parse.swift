extension Program {
  /// Understands a command line. An option's value comes from the command line, else from the environment, else from the
  /// configuration file, else from its default.
  ///
  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - environment: variables; an empty one counts as not set. One that repeats has a value on each of its lines.
  ///   - configFile: values by an option's name. A name that no command of the program has is an error.
  package func parse(
    _ arguments: some Sequence<String>, environment: [String: String] = [:], configFile: [String: [String]] = [:]
  ) throws(UsageError) -> Invocation {
    var line = CommandLineReader(root: root)
    try line.read(Array(arguments))
    guard !line.wantsHelp else {
      return Invocation(command: line.chain.names, wantsHelp: true, settings: [:], arguments: [:])
    }
    let arguments = try line.matchedArguments()
    let settings = try OptionSources(
      program: self, chain: line.chain, environment: environment, configFile: configFile
    ).settings(given: line.given)
    return Invocation(command: line.chain.names, wantsHelp: false, settings: settings, arguments: arguments)
  }
}
