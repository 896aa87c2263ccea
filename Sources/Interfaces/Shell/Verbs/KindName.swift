import RestoreModel

/// Kinds as people type them: singular or plural, in any case.
enum KindName {
  static func parse(_ text: String) throws(ShellFailure) -> ResourceKind {
    let word = text.lowercased()
    for kind in ResourceKind.allCases where [kind.plural, kind.rawValue.lowercased(), short(kind)].contains(word) {
      return kind
    }
    throw ShellFailure(.usage, "\"\(text)\" is no kind; there are restores, storages, eventhubs and credentials")
  }

  private static func short(_ kind: ResourceKind) -> String {
    switch kind {
    case .restore: "rs"
    case .storage: "st"
    case .eventHub: "eh"
    case .credentials: "credential"
    }
  }
}
