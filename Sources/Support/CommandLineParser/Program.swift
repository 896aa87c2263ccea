/// A command with what is true of the whole program.
package struct Program: Sendable {
  package let root: Command
  /// Begins the name of every environment variable that stands for an option: `THAW_`.
  package let environmentPrefix: String

  package init(_ root: Command, environmentPrefix: String) {
    self.root = root
    self.environmentPrefix = environmentPrefix
  }

  /// Understood by every command, declared by none.
  package static let helpOption = Command.Option.flag("help", short: "h", "print this", environment: .none)

  /// Commands from the root to the one that `path` names (without the root's own name).
  func chain(_ path: [String]) -> [Command]? {
    var chain = [root]
    for word in path {
      guard let next = chain[chain.count - 1].subcommand(word) else { return nil }
      chain.append(next)
    }
    return chain
  }

  /// Every command with those above it, each before its subcommands.
  var chains: [[Command]] {
    var found: [[Command]] = []
    func visit(_ chain: [Command]) {
      found.append(chain)
      for subcommand in chain[chain.count - 1].subcommands { visit(chain + [subcommand]) }
    }
    visit([root])
    return found
  }
}

extension [Command] {
  /// The options that the last of these commands understands, its own first.
  var visibleOptions: [Command.Option] { reversed().flatMap(\.options) + [Program.helpOption] }

  var names: [String] { map(\.name) }
}
