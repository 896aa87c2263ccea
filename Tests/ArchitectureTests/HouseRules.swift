/// Which module may import which. An arrow that isn't here is an error, and so is one in `Package.swift`.
enum HouseRules {
  /// The wings from the ground up: a module imports from its own wing or from below.
  enum Wing: Int, Comparable {
    case c
    case support
    /// `RestoreModel` alone: the floor on which Control, Records and Interfaces stand. It imports nothing.
    case model
    case records
    case control
    case interfaces
    case program

    static func < (left: Wing, right: Wing) -> Bool { left.rawValue < right.rawValue }
  }

  struct Room {
    let wing: Wing
    let imports: Set<String>

    init(_ wing: Wing, _ imports: Set<String> = []) {
      self.wing = wing
      self.imports = imports
    }
  }

  /// Every target in `Sources`.
  static let rooms: [String: Room] = [
    "CLibrdkafka": Room(.c), "CJansson": Room(.c), "CZstd": Room(.c), "CLibYAML": Room(.c), "COpenSSL": Room(.c),
    "CZlib": Room(.c), "CSnappy": Room(.c), "CLZ4": Room(.c),
    "CXXHash": Room(.c), "CThreads": Room(.c), "CChecksum": Room(.c), "CContract": Room(.c),

    "Threads": Room(.support, ["CThreads"]),
    "Spelling": Room(.support),
    "Logging": Room(.support, ["Threads"]),
    "CommandLineParser": Room(.support, ["Spelling"]),
    "JSON": Room(.support, ["CJansson", "Spelling"]),
    "YAML": Room(.support, ["CLibYAML", "JSON"]),
    "Crypto": Room(.support, ["COpenSSL", "CXXHash"]),
    "Compression": Room(.support, ["CZstd", "CZlib", "CSnappy", "CLZ4"]),
    "Kafka": Room(.support, ["CLibrdkafka", "Threads"]),
    "LocalBroker": Room(.support, ["CThreads", "Threads"]),

    "RestoreModel": Room(.model),

    "ColdStorage": Room(.records, ["CChecksum", "Compression", "Crypto", "JSON"]),
    "KafkaProtocol": Room(.records, ["CChecksum", "Kafka"]),
    "Archiver": Room(.records, ["ColdStorage", "Kafka", "Threads", "Logging"]),
    "RestoreEngine": Room(
      .records, ["ColdStorage", "KafkaProtocol", "RestoreModel", "Kafka", "Crypto", "Threads", "Logging"]),

    "ControlTopics": Room(.control, ["RestoreModel", "JSON", "Crypto", "CContract"]),
    "ControlPlane": Room(.control, ["ControlTopics", "RestoreModel", "Logging", "Threads"]),
    "KafkaLog": Room(
      .control, ["ControlPlane", "ControlTopics", "RestoreModel", "Kafka", "Logging", "Threads"]),

    "LocalWork": Room(
      .control, ["ControlPlane", "RestoreModel", "RestoreEngine", "ColdStorage", "Kafka", "Logging", "Threads"]),

    "Shell": Room(
      .interfaces,
      [
        "ControlTopics", "RestoreModel", "ColdStorage", "Archiver", "RestoreEngine", "Kafka", "JSON", "YAML",
        "CommandLineParser", "Spelling", "LocalBroker", "Logging", "Threads",
      ]),

    "thaw": Room(
      .program,
      [
        "Shell", "ControlPlane", "KafkaLog", "ControlTopics", "RestoreModel", "RestoreEngine", "LocalWork",
        "ColdStorage",
        "Archiver",
        "Kafka", "JSON", "YAML", "CommandLineParser", "LocalBroker", "Logging", "Threads",
      ]),
  ]

  /// What comes with the system. The model needs none of it.
  static let system: Set<String> = ["Glibc", "Dispatch", "Synchronization"]

  /// Each C library is bound in one place. (Named threads are ours, and a child process needs them, too.)
  static let owners: [String: Set<String>] = [
    "CLibrdkafka": ["Kafka"], "CJansson": ["JSON"], "CZstd": ["Compression"], "CLibYAML": ["YAML"],
    "COpenSSL": ["Crypto"], "CZlib": ["Compression"], "CSnappy": ["Compression"], "CLZ4": ["Compression"],
    "CXXHash": ["Crypto"], "CThreads": ["Threads", "LocalBroker"], "CChecksum": ["ColdStorage", "KafkaProtocol"],
    "CContract": ["ControlTopics"],
  ]

  /// Words that end the process where an error could be thrown. Each is followed by what to do.
  static let forbidden: [(word: String, instead: String)] = [
    ("try!", "throw"), ("as!", "use as? and throw"), ("fatalError(", "throw"), ("preconditionFailure(", "throw"),
    ("precondition(", "throw, or make the state impossible"), ("assertionFailure(", "throw"),
  ]

  static let longestFile = 400

  static func mayImport(_ module: String, _ imported: String) -> Bool {
    guard let room = rooms[module] else { return false }
    if system.contains(imported) { return room.wing != .model }
    return room.imports.contains(imported)
  }
}
