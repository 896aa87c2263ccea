import CommandLineParser
import ControlTopics
import RestoreModel

/// `thaw map NAME SOURCE=TARGET… | --all` and `thaw unmap NAME TARGET…`
enum MapVerbs {
  static func map(_ context: Context) async throws {
    let key = try context.key(.restore)
    let pairs = context.invocation.arguments("SOURCE=TARGET")
    if context.invocation.flag("all") {
      guard pairs.isEmpty else { throw context.invocation.usageError("--all maps every topic, so name none") }
      let command = CommandMessage.Body.importTopics(
        glob: context.invocation.value("glob"), prefix: context.invocation.value("prefix"),
        suffix: context.invocation.value("suffix"))
      try await Decision(context).ask(key, command)
      return
    }
    guard !pairs.isEmpty else { throw context.invocation.usageError("which topics? Say SOURCE=TARGET, or --all") }
    for option in ["glob", "prefix", "suffix"] where context.invocation.value(option) != nil {
      throw context.invocation.usageError("--\(option) goes with --all")
    }
    let mappings = try pairs.map {
      try mapping($0, skipsChecks: context.invocation.flag("disable-preflight-checks"), context)
    }
    let decision = try await Decision(context)
    for mapping in mappings { try await decision.ask(key, .mapTopic(mapping)) }
  }

  private static func mapping(_ pair: String, skipsChecks: Bool, _ context: Context) throws -> TopicMapping {
    let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw context.invocation.usageError("\"\(pair)\" must be SOURCE=TARGET, such as \(pair)=\(pair)")
    }
    for name in parts where !TopicName(name).isLegal {
      throw context.invocation.usageError(
        "\"\(name)\" is no topic's name: 1 to 249 letters, digits, '.', '_' and '-'")
    }
    var mapping = TopicMapping(source: TopicName(parts[0]), target: TopicName(parts[1]))
    mapping.disablePreflightChecks = skipsChecks
    return mapping
  }

  static func unmap(_ context: Context) async throws {
    let key = try context.key(.restore)
    let decision = try await Decision(context)
    for target in context.invocation.arguments("TARGET") {
      try await decision.ask(key, .unmapTopic(target: TopicName(target)))
    }
  }
}
