import Spelling

/// Where options get their values when the command line has none.
struct OptionSources {
  let program: Program
  let chain: [Command]
  let environment: [String: String]
  let configFile: [String: [String]]

  func settings(given: [String: [String]]) throws(UsageError) -> [String: Invocation.Setting] {
    try checkConfigNames()
    var settings: [String: Invocation.Setting] = [:]
    for option in chain.visibleOptions where settings[option.name] == nil {
      settings[option.name] = try setting(option, given[option.name])
    }
    return settings
  }

  private func setting(_ option: Command.Option, _ given: [String]?) throws(UsageError) -> Invocation.Setting? {
    if let given {
      return try checked(option, "--\(option.name)", Invocation.Setting(values: given, source: .commandLine))
    }
    if let name = option.variable(prefix: program.environmentPrefix), let text = environment[name], !text.isEmpty {
      let values = option.repeats ? text.split(separator: "\n").map(String.init) : [text]
      let setting = Invocation.Setting(values: values, source: .environment(name: name))
      return try checked(option, name, option.isFlag ? counted(setting, option, name) : setting)
    }
    if let values = configFile[option.name] {
      let written = "\(option.name) in the configuration file"
      guard option.repeats || values.count <= 1 else { throw error("\(written) can be given only once") }
      let setting = Invocation.Setting(values: values, source: .configFile)
      return try checked(option, written, option.isFlag ? counted(setting, option, written) : setting)
    }
    return option.defaultValue.map { Invocation.Setting(values: [$0], source: .standard) }
  }

  /// A flag outside the command line: true, false, or how often for one that repeats.
  private func counted(
    _ setting: Invocation.Setting, _ option: Command.Option, _ written: String
  ) throws(UsageError) -> Invocation.Setting {
    var setting = setting
    let text = setting.values.count == 1 ? setting.values[0] : ""
    if let isSet = Self.truth(text) {
      setting.values = isSet ? ["true"] : []
    } else if option.repeats, let count = Int(text), (0...10).contains(count) {
      setting.values = Array(repeating: "true", count: count)
    } else {
      throw error("\(written) must be true or false\(option.repeats ? ", or a number up to 10" : "")")
    }
    return setting
  }

  private func checked(
    _ option: Command.Option, _ written: String, _ setting: Invocation.Setting
  ) throws(UsageError) -> Invocation.Setting {
    let choices = option.choices
    guard !choices.isEmpty else { return setting }
    for value in setting.values where !choices.contains(value) {
      throw error(
        "\(written) must be one of \(choices.joined(separator: ", "))", Suggestion.nearest(to: value, among: choices))
    }
    return setting
  }

  /// One file serves all commands, so an option of any of them may stand in it.
  private func checkConfigNames() throws(UsageError) {
    let names = Set(program.chains.flatMap { $0[$0.count - 1].options.map(\.name) })
    for name in configFile.keys.sorted() where !names.contains(name) {
      throw error(
        "the configuration file sets \"\(name)\", which is no option",
        Suggestion.nearest(to: name, among: names.sorted()))
    }
  }

  private func error(_ message: String, _ suggestion: String? = nil) -> UsageError {
    UsageError(chain.names, message, suggestion: suggestion)
  }

  static func truth(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: nil
    }
  }
}
