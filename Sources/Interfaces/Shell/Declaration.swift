package import CommandLineParser

/// The command line as declared: parsing, help and completion all come from here.
package enum Declaration {
  package static let program = Program(
    CommandLineParser.Command(
      "thaw", "Restores Kafka records from cold storage into Kafka",
      discussion: """
        A Restore is a document: it names an archive, a cluster and which topic goes where. Documents, commands about them, \
        their status and their history are records in four control topics.

        New here? `thaw demo` shows the whole story on a local broker, in about a minute.
        """,
      options: CommonOptions.all,
      subcommands: [
        demo, serve, topics, archive, storage, plan, apply, get, describe, map, unmap, enable, disable, retry, restart,
        delete, wait, events, audit, explain, version, completion,
      ]),
    environmentPrefix: "THAW_")

  private typealias Command = CommandLineParser.Command
  private typealias Option = CommandLineParser.Command.Option
  private typealias Argument = CommandLineParser.Command.Argument

  private static let kinds = ["restores", "storages", "eventhubs", "credentials"]
  private static let noWait = Option.flag("no-wait", "don't wait for the controller's decision")

  private static let demo = Command(
    "demo", "Show the whole story on a local broker, in about a minute",
    discussion: """
      Archives a sample topic, restores it into another by plain Kafka records, and compares the two, record by record. \
      The broker is the one of --bootstrap-servers, else Apache Kafka from KAFKA_HOME, else a small one from PyPI.
      """)

  private static let serve = Command(
    "serve", "Run controller and worker in one process",
    discussion: "Start as many as you like: one of them decides, the others stand by.",
    options: [
      .value("instance", "NAME", "name of this replica (default: the lowest free <host>-<n>)"),
      .value("session-timeout", "TIME", "how long a dead replica is waited for", default: "10s"),
      .value(
        "positions-refresh", "TIME", "how often positions of runs at rest are committed again, lest brokers drop them",
        default: "24h"),
      .value("volume-root", "DIR", "directory that a Storage may read (default: the working directory)", repeats: true),
      .value("secret-root", "DIR", "directory whose files a …From may name", repeats: true),
      .value(
        "secret-env-prefix", "PREFIX", "what a variable that a …From names must begin with", default: "SECRET_"),
    ])

  private static let topics = Command(
    "topics", "The control topics",
    subcommands: [
      Command("create", "Create what is missing of them"),
      Command("check", "Tell what is wrong with them"),
      Command("print", "Print their definitions", options: [output(["text", "json"], default: "text")]),
    ])

  private static let archive = Command(
    "archive", "Capture topics from a cluster into cold storage",
    discussion: "Captures all that is committed at the start; a second time it goes on where the archive ends.",
    options: [
      .value("to", "STORE", "the archive: a directory, or volume:PATH"),
      .flag("follow", "go on as the topics grow, until SIGTERM or SIGINT", environment: .none),
      .value(
        "every", "TIME", "with --follow: how often what came is added to the archive", default: "1m",
        environment: .none),
    ],
    arguments: [.repeating("TOPIC", "topic to capture")])

  private static let storage = Command(
    "storage", "Look into an archive; no Kafka needed",
    subcommands: [
      Command(
        "ls", "List topics, or one topic's partitions and segments",
        options: [output(["text", "json"], default: "text")], arguments: store),
      Command("verify", "Read everything and compare it with the index", arguments: store),
      Command("reindex", "Rebuild the index from the segments", arguments: store),
    ])
  private static let store: [Argument] = [
    .required("STORE", "a directory, or volume:PATH"), .optional("TOPIC", "one topic only"),
  ]

  private static let plan = Command(
    "plan", "Dry run: what a Restore would restore, and its preflight",
    discussion: """
      Of the Restores of a file, before it is applied, or of one that exists. Reads archive and cluster from here and changes nothing anywhere; what the \
      file doesn't hold is looked up in the control topics. Exits 1 when a check fails.
      """,
    options: [
      .value(
        "file", short: "f", "FILE", "YAML or JSON, many documents if need be; - is standard input", repeats: true,
        environment: .none),
      output(["text", "json", "yaml"], default: "text"),
    ],
    arguments: [.optional("NAME", "a Restore that exists, in place of a file")])

  private static let apply = Command(
    "apply", "Create or replace documents",
    options: [
      .value(
        "file", short: "f", "FILE",
        "YAML or JSON, many documents if need be; a directory: all in it; -: standard input", repeats: true,
        environment: .none),
      noWait, .flag("wait", "wait until the enabled Restores among them are done"),
    ])

  private static let get = Command(
    "get", "List documents, or show one",
    options: [
      output(["wide", "json", "yaml", "name"]),
      .flag("watch", short: "w", "go on with what changes", environment: .none),
      .flag("all-namespaces", short: "A", "of every namespace", environment: .none),
    ],
    arguments: [
      .required("KIND", "restores, storages, eventhubs or credentials", suggestions: kinds),
      .optional("NAME", "one of them"),
    ])

  private static let describe = Command(
    "describe", "Show a document with its conditions, progress and latest events",
    arguments: [
      .required("KIND", "its kind", suggestions: kinds), .optional("NAME", "its name; KIND/NAME will do too"),
    ])

  private static let map = Command(
    "map", "Map topics of the archive to topics of the cluster",
    options: [
      noWait, .flag("all", "every topic of the archive that is not mapped yet", environment: .none),
      .value("glob", "GLOB", "with --all: only topics whose name matches", environment: .none),
      .value("prefix", "TEXT", "with --all: begins the target's name", environment: .none),
      .value("suffix", "TEXT", "with --all: ends the target's name", environment: .none),
      .flag("disable-preflight-checks", "start without the checks of these topics", environment: .none),
    ],
    arguments: [
      .required("NAME", "the Restore"),
      .repeating("SOURCE=TARGET", "archived topic and target topic", atLeastOne: false),
    ])
  private static let unmap = Command(
    "unmap", "Take mappings out again", options: [noWait],
    arguments: [.required("NAME", "the Restore"), .repeating("TARGET", "target topic")])

  private static let enable = onRestore("enable", ["resume"], "Start a Restore, or resume a paused one")
  private static let disable = onRestore("disable", ["pause"], "Pause a Restore at its next checkpoint")
  private static let retry = onRestore("retry", [], "Continue a failed run where it stopped")
  private static let restart = onRestore("restart", [], "Begin a new run from the start")

  private static let delete = Command(
    "delete", "Delete a document", options: [noWait],
    arguments: [
      .required("KIND", "its kind", suggestions: kinds), .optional("NAME", "its name; KIND/NAME will do too"),
    ])

  private static let wait = Command(
    "wait", "Wait for a Restore",
    discussion: "Ends at once, with 1, when what it waits for can no longer come.",
    options: [.value("for", "WHAT", "a phase (Done), or condition=TYPE", default: "Done", environment: .none)],
    arguments: [.required("NAME", "the Restore")])

  private static let events = Command(
    "events", "Show the history",
    options: [
      .flag("follow", "go on with what happens", environment: .none),
      .value("from", "OFFSET", "offset in the events topic to begin at", environment: .none),
      output(["text", "json"], default: "text"),
    ],
    arguments: [.optional("NAME", "of one Restore, or of KIND/NAME, only")])

  private static let audit = Command(
    "audit", "Replay the history and prove that it equals the current state",
    discussion: """
      Folds the events from the first on, checks each one's state hash, and compares the end with the documents and their status. The service \
      may go on meanwhile. Exits 1 at the first difference, which it names.
      """,
    options: [
      .value(
        "until", "OFFSET", "offset in the events topic to stop after; the past is compared with nothing else",
        environment: .none),
      output(["text", "json"], default: "text"),
    ],
    arguments: [.optional("NAME", "one Restore, or KIND/NAME, only")])

  private static let explain = Command(
    "explain", "Describe a kind of document, or one of its fields",
    discussion: "What it says comes from the schema that documents are checked by; no broker is asked.",
    arguments: [
      .required("FIELD", "a kind, or a field such as restore.spec.config.topics", suggestions: kinds)
    ])

  private static let version = Command("version", "Print the version")
  private static let completion = Command(
    "completion", "Print a completion script",
    arguments: [.required("SHELL", "bash, zsh or fish", suggestions: CompletionShell.allCases.map(\.rawValue))])

  private static func onRestore(_ name: String, _ aliases: [String], _ summary: String) -> Command {
    Command(
      name, aliases: aliases, summary, options: [noWait], arguments: [.required("NAME", "the Restore")])
  }

  private static func output(_ choices: [String], default standard: String? = nil) -> Option {
    .value("output", short: "o", "FORMAT", "how to print", choices: choices, default: standard)
  }
}

/// Understood by every command.
enum CommonOptions {
  static let all: [CommandLineParser.Command.Option] = [
    .value("bootstrap-servers", short: "b", "HOST:PORT,…", "brokers of the cluster with the control topics"),
    .value("topic-prefix", "TEXT", "begins the control topics' names", default: "thaw."),
    .value(
      "property", short: "X", "KEY=VALUE", "librdkafka property of the connection", repeats: true),
    .value("namespace", short: "n", "NAME", "namespace of the documents", default: "default"),
    .value("timeout", "TIME", "how long to wait, for the broker and for a decision (wait: without end)"),
    .value("config", "FILE", "YAML with any of these options"),
    .flag("verbose", short: "v", "say more on standard error; repeat for more", repeats: true),
  ]
}
