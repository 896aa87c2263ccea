extension Program {
  /// What `thaw topics create --help` prints, without a newline at the end; nil when there is no such command.
  ///
  /// - Parameters:
  ///   - path: without the program's name.
  ///   - width: columns of the terminal; used between 40 and 100.
  package func help(_ path: [String] = [], width: Int = 80) -> String? {
    guard let chain = chain(path) else { return nil }
    let layout = TextLayout(width: min(max(width, 40), 100))
    let command = chain[chain.count - 1]
    var sections = [
      layout.wrapped("\(chain.names.joined(separator: " ")): \(command.summary)"),
      layout.wrapped("Usage: \(usage(chain))", hanging: 7),
    ]
    if !command.discussion.isEmpty { sections.append(layout.paragraphs(command.discussion)) }
    sections += [
      layout.table("Commands", command.subcommands.map { ($0.name, $0.summary) }),
      layout.table("Arguments", command.arguments.map { ($0.name, $0.summary) }),
      layout.table("Options", rows(command.options)),
      layout.table(
        "Options of every command", rows(chain.dropLast().reversed().flatMap(\.options) + [Self.helpOption])),
    ].compactMap(\.self)
    return sections.joined(separator: "\n\n")
  }

  /// `thaw topics create [OPTION…] NAME [TOPIC…]`
  func usage(_ chain: [Command]) -> String {
    let command = chain[chain.count - 1]
    var words = chain.names + ["[OPTION…]"]
    words += command.subcommands.isEmpty ? command.arguments.map(\.usage) : ["COMMAND"]
    return words.joined(separator: " ")
  }

  private func rows(_ options: [Command.Option]) -> [(String, String)] {
    // Names line up whether or not there is a letter before them.
    options.map { (($0.short == nil ? "    " : "") + Self.spelled($0), explanation($0)) }
  }

  /// `-o, --output FORMAT`
  static func spelled(_ option: Command.Option) -> String {
    var text = option.short.map { "-\($0), " } ?? ""
    text += "--\(option.name)"
    if case .value(let name, _) = option.kind { text += " \(name)" }
    return text
  }

  /// The summary and what else there is to know about the value.
  func explanation(_ option: Command.Option, withVariable: Bool = true) -> String {
    var notes: [String] = []
    if !option.choices.isEmpty { notes.append("one of \(option.choices.joined(separator: ", "))") }
    if let standard = option.defaultValue { notes.append("default: \(standard)") }
    if option.repeats { notes.append("can be repeated") }
    if withVariable, let variable = option.variable(prefix: environmentPrefix) { notes.append(variable) }
    return notes.isEmpty ? option.summary : "\(option.summary) (\(notes.joined(separator: "; ")))"
  }
}
