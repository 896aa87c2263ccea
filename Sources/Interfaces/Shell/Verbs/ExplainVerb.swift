import CommandLineParser
import ControlTopics
import RestoreModel
import Spelling

/// `thaw explain KIND[.FIELD…]`
enum ExplainVerb {
  static func run(_ context: Context) throws {
    let path = (context.invocation.argument("FIELD") ?? "").split(separator: ".").map(String.init)
    let kind = try KindName.parse(path.first ?? "")
    guard var field = try ContractSchema().document(kind) else {
      throw ShellFailure(
        .refused, "\(kind.rawValue): the contract doesn't describe it; this is a defect, please report it")
    }
    var reached = [path.first ?? ""]
    for name in path.dropFirst() {
      // As `thaw` itself writes places in lists.
      let plain = String(name.prefix { $0 != "[" })
      guard let next = field.field(plain) else {
        let names = field.fields.map(\.name)
        let meant = Suggestion.nearest(to: plain, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
        throw ShellFailure(.notFound, "\(reached.joined(separator: ".")) has no field \"\(plain)\"\(meant)")
      }
      field = next
      reached.append(plain)
    }
    context.terminal.print(lines: Explanation(kind: kind, path: Array(path.dropFirst()), field: field).lines)
  }
}
