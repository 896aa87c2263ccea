/// What is wrong with how the program was called. The caller prints it and exits with 2.
package struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The command as far as it was understood: `["thaw", "topics"]`.
  package let command: [String]
  package let message: String
  package let suggestion: String?

  package init(_ command: [String], _ message: String, suggestion: String? = nil) {
    self.command = command
    self.message = message
    self.suggestion = suggestion
  }

  /// `thaw topics: there is no command "creat"; did you mean "create"?`
  package var description: String {
    let text = "\(command.joined(separator: " ")): \(message)"
    return suggestion.map { "\(text); did you mean \($0)?" } ?? text
  }

  /// Where to read more: `thaw topics --help`.
  package var helpCommand: String { "\(command.joined(separator: " ")) --help" }
}
