import CommandLineParser

/// `thaw completion SHELL`
enum CompletionVerb {
  static func run(_ context: Context) throws {
    let name = context.invocation.argument("SHELL") ?? ""
    guard let shell = CompletionShell(rawValue: name) else {
      throw context.invocation.usageError("SHELL must be bash, zsh or fish")
    }
    context.terminal.print(Declaration.program.completion(shell))
  }
}
