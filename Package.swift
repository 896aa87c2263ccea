// swift-tools-version: 6.2
import PackageDescription

// Every target is compiled alike: Swift 6 mode, no warning survives, imports say what they are used for.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A Swift target in its wing of the house; the list of dependencies is the list of arrows.
func room(_ wing: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "thaw",
  products: [.executable(name: "thaw", targets: ["thaw"])],
  targets: [
    // C: system libraries, one module each, and the little C of our own.
    system("CLibrdkafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    system("CJansson", pkgConfig: "jansson", apt: "libjansson-dev"),
    system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    system("CSnappy", pkgConfig: "snappy", apt: "libsnappy-dev"),
    system("CLZ4", pkgConfig: "liblz4", apt: "liblz4-dev"),
    system("CLibYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CXXHash", pkgConfig: "libxxhash", apt: "libxxhash-dev"),
    .target(name: "CThreads", path: "Sources/C/CThreads", publicHeadersPath: "include"),
    .target(name: "CChecksum", path: "Sources/C/CChecksum", publicHeadersPath: "include"),
    .target(
      name: "CContract", path: "Sources/C/CContract", publicHeadersPath: "include"),

    // Support: knows nothing of restores.
    room("Support", "Threads", ["CThreads"]),
    room("Support", "Logging", ["Threads"]),
    room("Support", "Spelling"),
    room("Support", "CommandLineParser", ["Spelling"]),
    room("Support", "JSON", ["CJansson", "Spelling"]),
    room("Support", "YAML", ["CLibYAML", "JSON"]),
    room("Support", "Crypto", ["COpenSSL", "CXXHash"]),
    room("Support", "Compression", ["CZstd", "CZlib", "CSnappy", "CLZ4"]),
    room("Support", "Kafka", ["CLibrdkafka", "Threads"]),
    room("Support", "LocalBroker", ["CThreads", "Threads"]),

    // Control: the corridor of a command.
    room("Control", "RestoreModel"),
    room("Control", "ControlTopics", ["RestoreModel", "JSON", "Crypto", "CContract"]),
    room("Control", "ControlPlane", ["ControlTopics", "RestoreModel", "Logging", "Threads"]),
    room(
      "Control", "KafkaLog",
      ["ControlPlane", "ControlTopics", "RestoreModel", "Kafka", "Logging", "Threads"]),

    room(
      "Control", "LocalWork",
      ["ControlPlane", "RestoreModel", "RestoreEngine", "ColdStorage", "Kafka", "Logging", "Threads"]),

    // Records: the corridor of a record.
    room("Records", "ColdStorage", ["CChecksum", "Compression", "Crypto", "JSON"]),
    room("Records", "KafkaProtocol", ["CChecksum", "Kafka"]),
    room("Records", "Archiver", ["ColdStorage", "Kafka", "Threads", "Logging"]),
    room(
      "Records", "RestoreEngine",
      ["ColdStorage", "KafkaProtocol", "RestoreModel", "Kafka", "Crypto", "Threads", "Logging"]),

    // Interfaces: what people and programs reach.
    room(
      "Interfaces", "Shell",
      [
        "ControlTopics", "RestoreModel", "ColdStorage", "Archiver", "RestoreEngine", "Kafka", "JSON", "YAML",
        "CommandLineParser", "Spelling", "LocalBroker", "Logging", "Threads",
      ]),
    .executableTarget(
      name: "thaw",
      dependencies: [
        "Shell", "ControlPlane", "KafkaLog", "ControlTopics", "RestoreModel", "RestoreEngine", "LocalWork",
        "ColdStorage",
        "Kafka", "CommandLineParser", "Logging", "Threads",
      ],
      path: "Sources/thaw", swiftSettings: strict),

    // Tests.
    .target(name: "Seeded", path: "Tests/Seeded", swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["ColdStorage", "Kafka", "LocalBroker", "Threads"], path: "Tests/Support",
      swiftSettings: strict),
    // The benchmark (Tests/bench): its arithmetic, the C that restores are compared with, and the program.
    .target(name: "Measures", dependencies: ["Seeded"], path: "Tests/Benchmark/Measures", swiftSettings: strict),
    .target(
      name: "CBaseline", dependencies: ["CLibrdkafka"], path: "Tests/Benchmark/CBaseline", publicHeadersPath: "include"),
    .executableTarget(
      name: "thaw-bench",
      dependencies: [
        "CBaseline", "CChecksum", "CLZ4", "ColdStorage", "CommandLineParser", "ControlPlane", "ControlTopics", "Kafka",
        "KafkaLog", "KafkaProtocol", "LocalBroker", "Logging", "Measures", "RestoreEngine", "RestoreModel", "Threads",
      ],
      path: "Tests/Benchmark/Program", swiftSettings: strict),
    .executableTarget(
      name: "thaw-mortal",
      dependencies: [
        "ControlPlane", "KafkaLog", "ControlTopics", "LocalWork", "RestoreModel", "RestoreEngine", "Kafka",
        "CommandLineParser", "Logging", "Threads",
      ],
      path: "Tests/Mortal", swiftSettings: strict),
    // Readers of bytes that come from elsewhere, and a program that looks for bytes that break them (Tests/run --fuzz).
    .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver", publicHeadersPath: "include"),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CChecksum", "ColdStorage", "CommandLineParser", "ControlTopics", "JSON", "Kafka", "KafkaProtocol",
        "RestoreEngine",
        "RestoreModel", "YAML",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .executableTarget(
      name: "thaw-fuzz", dependencies: ["FuzzDriver", "FuzzTargets"], path: "Tests/Fuzz/Program",
      swiftSettings: strict),
    tests("FuzzTests", ["FuzzTargets", "TestSupport"]),
    tests("KafkaTests", ["Kafka", "LocalBroker", "TestSupport", "Threads"]),
    tests(
      "KafkaProtocolTests", ["Seeded", "CChecksum", "Kafka", "KafkaProtocol", "LocalBroker", "TestSupport", "Threads"]),
    tests("JSONTests", ["Seeded", "JSON", "YAML"]),
    tests("CommandLineParserTests", ["CommandLineParser", "Logging", "Spelling"]),
    tests(
      "ColdStorageTests", ["Seeded", "ColdStorage", "Compression", "Crypto", "CChecksum", "JSON", "Threads"],
      exclude: ["Fixtures"]),
    tests("RestoreModelTests", ["Seeded", "RestoreModel", "ControlTopics"]),
    tests("ControlTopicsTests", ["Seeded", "ControlTopics", "RestoreModel", "JSON", "YAML"], exclude: ["Fixtures"]),
    tests(
      "Simulation",
      ["Seeded", "ControlPlane", "ControlTopics", "RestoreModel", "JSON", "Logging", "TestSupport", "Threads"]),
    tests(
      "ShellTests",
      [
        "Shell", "ControlTopics", "RestoreModel", "Kafka", "CommandLineParser", "JSON", "Logging", "TestSupport",
        "Threads",
      ]),
    tests("Transcripts", ["TestSupport", "LocalBroker"], exclude: ["Goldens"]),
    tests(
      "RestoreEngineTests",
      [
        "Seeded", "RestoreEngine", "RestoreModel", "LocalWork", "ColdStorage", "Kafka", "KafkaProtocol", "Logging",
        "TestSupport", "Threads",
      ]),
    tests("ArchitectureTests", []),
    tests("BenchmarkTests", ["Measures"]),
    tests(
      "Integration",
      [
        "TestSupport", "Kafka", "KafkaLog", "ControlPlane", "ControlTopics", "RestoreModel", "RestoreEngine",
        "KafkaProtocol", "LocalWork", "ColdStorage", "Archiver", "LocalBroker", "JSON", "Threads", "Logging",
      ]),
  ],
  cLanguageStandard: .c2x
)
