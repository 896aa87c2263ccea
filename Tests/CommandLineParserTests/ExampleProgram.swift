import CommandLineParser

/// A program with every kind of declaration.
let example = Program(
  Command(
    "tool", "does things",
    discussion: "It does\nthem well.\n\n    tool copy a b",
    options: [
      .value("bootstrap-servers", short: "b", "HOST:PORT", "brokers to begin with", default: "localhost:9092"),
      .value("property", short: "X", "KEY=VALUE", "a client property", repeats: true),
      .flag("verbose", short: "v", "say more", repeats: true),
      .value("secret", "TEXT", "it's [not]: told", environment: .named("TOOL_KEY")),
    ],
    subcommands: [
      Command(
        "copy", aliases: ["cp"], "copy some|things",
        options: [
          .value("output", short: "o", "FORMAT", "how to print", choices: ["json", "yaml", "table"], default: "table"),
          .flag("no-wait", short: "n", "don't wait"),
          .flag("force", "no questions", environment: .none),
          .value("timeout", "DURATION", "how long to wait", default: "1m30s"),
          .value("parallelism", short: "p", "N", "how many at once"),
        ],
        arguments: [
          .required("FROM", "where from"), .optional("TO", "where to", suggestions: ["here", "there"]),
        ]),
      Command(
        "topics", "look after topics",
        subcommands: [
          Command("create", "create topics", arguments: [.repeating("TOPIC", "what to create")]),
          Command("list", "list topics", arguments: [.repeating("TOPIC", "what to list", atLeastOne: false)]),
        ]),
    ]),
  environmentPrefix: "TOOL_")
