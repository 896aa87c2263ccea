import CommandLineParser
import Testing

@Suite("Help and reference") struct HelpTests {
  @Test("Help of a command shows usage, arguments, own and common options") func command() {
    #expect(
      example.help(["copy"], width: 80) == """
        tool copy: copy some|things

        Usage: tool copy [OPTION…] FROM [TO]

        Arguments:
          FROM  where from
          TO    where to

        Options:
          -o, --output FORMAT     how to print (one of json, yaml, table; default:
                                  table; TOOL_OUTPUT)
          -n, --no-wait           don't wait (TOOL_NO_WAIT)
              --force             no questions
              --timeout DURATION  how long to wait (default: 1m30s; TOOL_TIMEOUT)
          -p, --parallelism N     how many at once (TOOL_PARALLELISM)

        Options of every command:
          -b, --bootstrap-servers HOST:PORT
                                    brokers to begin with (default: localhost:9092;
                                    TOOL_BOOTSTRAP_SERVERS)
          -X, --property KEY=VALUE  a client property (can be repeated; TOOL_PROPERTY)
          -v, --verbose             say more (can be repeated; TOOL_VERBOSE)
              --secret TEXT         it's [not]: told (TOOL_KEY)
          -h, --help                print this
        """)
  }

  @Test("Help of the program lists its commands, and keeps examples as they are") func program() throws {
    let help = try #require(example.help())
    #expect(
      help.hasPrefix(
        "tool: does things\n\nUsage: tool [OPTION…] COMMAND\n\nIt does them well.\n\n    tool copy a b\n\n"))
    #expect(help.contains("Commands:\n  copy    copy some|things\n  topics  look after topics"))
    #expect(example.help(["nothing"]) == nil)
    #expect(example.help(["cp"]) == example.help(["copy"]))
  }

  @Test("No line is wider than asked for, down to 40 columns", arguments: [40, 60, 80, 100]) func width(width: Int)
    throws
  {
    for path in [[], ["copy"], ["topics"], ["topics", "list"]] {
      let help = try #require(example.help(path, width: width))
      #expect(help.split(separator: "\n").allSatisfy { $0.count <= width })
      #expect(help.split(separator: "\n").allSatisfy { $0.last != " " })
    }
    #expect(example.help(["copy"], width: -5) == example.help(["copy"], width: 40))
  }

  @Test("The reference has a section for each command, and its tables hold together") func reference() {
    let reference = example.reference(headingLevel: 2)
    for heading in ["tool", "tool copy", "tool topics", "tool topics create", "tool topics list"] {
      #expect(reference.contains("## `\(heading)`\n\n"))
    }
    #expect(reference.contains("Copy some|things.\n\n```\ntool copy [OPTION…] FROM [TO]\n```"))
    #expect(reference.contains("| `-n, --no-wait` | don't wait | `TOOL_NO_WAIT` |"))
    #expect(reference.contains("| `--force` | no questions |  |"))
    #expect(reference.hasSuffix("\n"))
  }

  @Test("A sound declaration has no problems") func sound() { #expect(example.problems() == []) }

  @Test("A declaration that can't work is found out") func problems() {
    let broken = Program(
      Command(
        "x", "x", options: [.flag("a", short: "h", "")],
        subcommands: [
          Command(
            "y", "y", options: [.flag("a", ""), .value("c", "C", "", choices: ["d"], default: "e")],
            arguments: [.optional("A", ""), .repeating("B", ""), .required("B", "")],
            subcommands: [Command("z", "z"), Command("w", aliases: ["z"], "w")])
        ]), environmentPrefix: "X_")
    #expect(
      broken.problems().sorted() == [
        "x y w: option --a is declared twice", "x y w: option -h is declared twice",
        "x y z: option --a is declared twice",
        "x y z: option -h is declared twice", "x y: a required argument follows an optional one",
        "x y: an argument follows one that repeats", "x y: argument B is declared twice",
        "x y: command z is declared twice",
        "x y: it has commands and arguments", "x y: option --a is declared twice", "x y: option -h is declared twice",
        "x y: the default of --c is none of its choices", "x: option -h is declared twice",
      ])
  }
}
