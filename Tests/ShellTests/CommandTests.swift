import CommandLineParser
import ControlTopics
import RestoreModel
import Shell
import Testing

@Suite("Commands") struct CommandTests {
  @Test("The declaration is sound") func declaration() { #expect(Declaration.program.problems() == []) }

  @Test("Everything that is declared can be done, and nothing else") func verbs() {
    func leaves(_ command: CommandLineParser.Command, _ path: [String]) -> [String] {
      command.subcommands.isEmpty
        ? [path.joined(separator: " ")] : command.subcommands.flatMap { leaves($0, path + [$0.name]) }
    }
    #expect(Set(leaves(Declaration.program.root, [])) == Verbs.names)
  }

  @Test("Each verb sends its command, and prints what was decided") func sends() async {
    let client = FakeControlClient { sent in
      switch sent.message.body {
      case .mapTopic(let mapping): .topicMapped(mapping)
      case .enable: .runStarted(run: 1, claim: Claim(1))
      case .disable: .restoreDisabled
      default: .commandUnchanged(message: "nothing to do")
      }
    }
    let session = Session(client)
    let mapped = await session.run("map", "orders", "orders=orders-copy", "a=b")
    #expect(
      mapped.out == "restores/default/orders mapped orders to orders-copy\nrestores/default/orders mapped a to b\n")
    #expect(await session.run("resume", "orders").out == "restores/default/orders started run 1\n")
    #expect(await session.run("pause", "orders", "-n", "prod").out == "restores/prod/orders disabled\n")
    #expect(await session.run("restart", "orders").out == "restores/default/orders unchanged: nothing to do\n")
    #expect(
      client.sent.map(\.message.body) == [
        .mapTopic(TopicMapping(source: "orders", target: "orders-copy")),
        .mapTopic(TopicMapping(source: "a", target: "b")),
        .enable, .disable, .restart,
      ])
  }

  @Test("A rejection is on standard error with every path, and the code is 1") func rejected() async {
    let client = FakeControlClient { _ in
      .commandRejected(
        Rejection(
          .invalid, "the document has 2 errors",
          errors: [FieldProblem("config.topics[1].target", "is a repeat"), FieldProblem("sink", "is required")]))
    }
    let result = await Session(client).run("enable", "orders")
    #expect(result.code == .refused)
    #expect(result.out == "")
    #expect(
      result.error == """
        thaw: restores/default/orders: config.topics[1].target: is a repeat
        thaw: restores/default/orders: sink: is required

        """)
  }

  @Test("What doesn't exist is 3") func notFound() async {
    let client = FakeControlClient { _ in .commandRejected(Rejection(.notFound, "does not exist")) }
    #expect(await Session(client).run("enable", "orders").code == .notFound)
    #expect(await Session().run("get", "restore", "orders").code == .notFound)
    #expect(await Session().run("describe", "storage", "archive").code == .notFound)
  }

  @Test("A command that nobody decides says where it stands, and is 4") func undecided() async {
    let result = await Session().run("enable", "orders", "--timeout", "2s")
    #expect(result.code == .timedOut)
    #expect(
      result.error == """
        thaw: restores/default/orders: nobody decided within 2 s on the command at offset 0 of thaw.commands, where it \
        stands and will be decided on; is `thaw serve` running?

        """)
  }

  @Test("KIND/NAME is a kind and a name") func kindAndName() async {
    let session = Session(FakeControlClient([Samples.restore(.ready), Samples.storage("archive")]))
    #expect(await session.run("get", "restore/orders", "-o", "name").out == "restores/default/orders\n")
    #expect(await session.run("describe", "storages/archive").code == .done)
    #expect(
      await session.run("delete", "eventhub/cluster", "--no-wait").out.hasPrefix("eventhubs/default/cluster asked"))
    #expect(await session.run("delete", "eventhub").code == .usage)
    #expect(await session.run("get", "restore/orders", "orders").code == .usage)
  }

  @Test("Without waiting, the offset is the result") func noWait() async {
    let result = await Session().run("enable", "orders", "--no-wait")
    #expect(result.out == "restores/default/orders asked at offset 0 of thaw.commands\n")
    #expect(result.code == .done)
  }

  @Test(
    "What was typed wrong is 2",
    arguments: [
      ["gte", "restores"], ["get", "pods"], ["get"], ["map", "orders"], ["map", "orders", "a"],
      ["map", "orders", "--all", "a=b"], ["map", "orders", "--prefix", "x", "a=b"], ["enable", "Or ders"],
      ["enable", "orders", "--timeout", "soon"], ["apply"], ["archive", "orders"], ["events", "--from", "-1"],
      ["enable", "orders", "-X", "no.such.property=1"],
    ])
  func usage(words: [String]) async {
    let result = await Session().run(words)
    #expect(result.code == .usage)
    #expect(result.out == "")
    #expect(!result.error.isEmpty)
  }

  @Test("A command without a broker says how to name one") func noBroker() async {
    let result = await Session(environment: ["THAW_BOOTSTRAP_SERVERS": ""]).run("get", "restores")
    #expect(result.code == .usage)
    #expect(result.error.contains("--bootstrap-servers HOST:PORT, or set THAW_BOOTSTRAP_SERVERS"))
  }

  @Test("The history is one line an event, or JSON") func events() async {
    let session = Session()
    let all = await session.run("events").out
    #expect(all.split(separator: "\n").count == Samples.history.count)
    #expect(all.contains("RestoreEnabled        restores/default/orders\n"))
    #expect(await session.run("events", "orders", "--from", "2").out.split(separator: "\n").count == 1)
    #expect(await session.run("events", "other").out == "")
    #expect(
      await session.run("events", "orders", "-o", "json").out.hasPrefix(#"{"offset":0,"event":{"type":"TopicMapped""#))
  }

  @Test("Help, version and completion go to standard output") func help() async {
    let session = Session()
    #expect(await session.run([]).out.contains("Usage: thaw"))
    #expect(await session.run("version").out == "thaw \(Shell.version)\n")
    #expect(await session.run("completion", "bash").out.contains("complete"))
  }
}
