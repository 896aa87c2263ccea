import CommandLineParser
import Testing

@Suite("Parsing a command line") struct ParseTests {
  private func parse(
    _ line: String..., environment: [String: String] = [:], configFile: [String: [String]] = [:]
  ) throws(UsageError) -> Invocation {
    try example.parse(line, environment: environment, configFile: configFile)
  }

  private func message(_ line: String..., environment: [String: String] = [:], configFile: [String: [String]] = [:])
    -> String?
  {
    do {
      _ = try example.parse(line, environment: environment, configFile: configFile)
      return nil
    } catch { return error.description }
  }

  @Test("Commands, arguments and options are found") func everything() throws {
    let call = try parse("copy", "-o", "json", "a", "--no-wait", "b")
    #expect(call.command == ["tool", "copy"])
    #expect(call.path == ["copy"])
    #expect(call.argument("FROM") == "a")
    #expect(call.argument("TO") == "b")
    #expect(call.value("output") == "json")
    #expect(call.flag("no-wait"))
    #expect(!call.flag("force"))
  }

  @Test(
    "An option's value may be written in every usual way",
    arguments: [
      ["--output", "yaml"], ["--output=yaml"], ["-o", "yaml"], ["-oyaml"], ["-o=yaml"], ["-no", "yaml"], ["-noyaml"],
    ])
  func values(words: [String]) throws {
    #expect(try example.parse(["copy"] + words + ["a"]).value("output") == "yaml")
    #expect(try example.parse(["copy", "a"] + words).value("output") == "yaml")
  }

  @Test("A value may look like an option or be empty") func verbatim() throws {
    #expect(try parse("copy", "a", "-p", "-5").value("parallelism") == "-5")
    #expect(try parse("copy", "a", "--parallelism=").value("parallelism")?.isEmpty == true)
    #expect(try parse("copy", "a", "-X", "k=v=w").values("property") == ["k=v=w"])
  }

  @Test("Options of the program may stand before or after the command") func global() throws {
    for line in [
      ["-b", "x:1", "topics", "create", "t"], ["topics", "-b", "x:1", "create", "t"],
      ["topics", "create", "t", "-bx:1"],
    ] {
      #expect(try example.parse(line).value("bootstrap-servers") == "x:1")
    }
  }

  @Test("After -- everything is an argument; - is one anyway") func terminator() throws {
    #expect(try parse("copy", "--", "--force", "-n").arguments("TO") == ["-n"])
    #expect(try parse("copy", "-").argument("FROM") == "-")
    #expect(try parse("topics", "create", "--", "--", "x").arguments("TOPIC") == ["--", "x"])
  }

  @Test("Options that repeat keep their order, flags are counted") func repeated() throws {
    let call = try parse("-vv", "copy", "-X", "a=1", "--property=b=2", "-Xa=3", "x", "--verbose")
    #expect(call.count("verbose") == 3)
    #expect(try call.pairs("property").map(\.key) == ["a", "b", "a"])
    #expect(try call.pairs("property").map(\.value) == ["1", "2", "3"])
  }

  @Test("The command line comes before the environment, that before the file, that before the default")
  func precedence() throws {
    let environment = ["TOOL_OUTPUT": "yaml"]
    let file = ["output": ["json"]]
    let all = try parse("copy", "a", "-o", "table", environment: environment, configFile: file)
    #expect(all.value("output") == "table")
    #expect(all.source("output") == .commandLine)
    let environmentOnly = try parse("copy", "a", environment: environment, configFile: file)
    #expect(environmentOnly.value("output") == "yaml")
    #expect(environmentOnly.source("output") == .environment(name: "TOOL_OUTPUT"))
    let fileOnly = try parse("copy", "a", environment: ["TOOL_OUTPUT": ""], configFile: file)
    #expect(fileOnly.value("output") == "json")
    #expect(fileOnly.source("output") == .configFile)
    #expect(try parse("copy", "a").value("output") == "table")
    #expect(try parse("copy", "a").source("output") == .standard)
    #expect(try parse("copy", "a").value("parallelism") == nil)
  }

  @Test("A flag set to false on the command line beats the environment") func explicitFalse() throws {
    #expect(try parse("copy", "a", environment: ["TOOL_NO_WAIT": "true"]).flag("no-wait"))
    #expect(try !parse("copy", "a", "--no-wait=false", environment: ["TOOL_NO_WAIT": "true"]).flag("no-wait"))
    #expect(try !parse("copy", "a", environment: ["TOOL_FORCE": "true"]).flag("force"))
    #expect(try parse("copy", "a", environment: ["TOOL_VERBOSE": "2"]).count("verbose") == 2)
    #expect(try parse("copy", "a", configFile: ["verbose": ["true"]]).count("verbose") == 1)
  }

  @Test("A variable may have a name of its own, or a value on each line") func variables() throws {
    #expect(try parse("copy", "a", environment: ["TOOL_KEY": "x", "TOOL_SECRET": "y"]).value("secret") == "x")
    #expect(try parse("copy", "a", environment: ["TOOL_PROPERTY": "a=1\nb=2"]).values("property") == ["a=1", "b=2"])
  }

  @Test("Errors say what is wrong, where, and what was probably meant") func errors() {
    #expect(message("cpoy") == #"tool: there is no command "cpoy"; did you mean "copy"?"#)
    #expect(message("zzz") == #"tool: there is no command "zzz""#)
    #expect(message() == "tool: which command? There are copy, topics")
    #expect(message("topics") == "tool topics: which command? There are create, list")
    #expect(message("--", "copy") == #"tool: there is no command "copy""#)
    #expect(message("copy") == "tool copy: FROM is missing")
    #expect(message("topics", "create") == "tool topics create: TOPIC is missing")
    #expect(message("copy", "a", "b", "c") == #"tool copy: "c" is one argument too many"#)
    #expect(message("copy", "a", "--ouput=x") == "tool copy: there is no option --ouput; did you mean --output?")
    #expect(message("copy", "a", "-output=x") == "tool copy: --output must be one of json, yaml, table")
    #expect(message("topics", "-verbose") == "tool topics: there is no option -e; did you mean --verbose?")
    #expect(message("--force", "copy") == "tool: there is no option --force; did you mean tool copy --force?")
    #expect(message("copy", "a", "-o") == "tool copy: -o needs a value")
    #expect(message("copy", "a", "-o", "json", "--output=yaml") == "tool copy: --output can be given only once")
    #expect(message("copy", "a", "--no-wait=maybe") == "tool copy: --no-wait must be true or false")
    #expect(
      message("copy", "a", "-o", "jsn") == "tool copy: --output must be one of json, yaml, table; did you mean json?")
    #expect(
      message("copy", "a", environment: ["TOOL_OUTPUT": "x"])
        == "tool copy: TOOL_OUTPUT must be one of json, yaml, table")
    #expect(
      message("copy", "a", configFile: ["outptu": ["x"]])
        == #"tool copy: the configuration file sets "outptu", which is no option; did you mean output?"#)
    #expect(
      message("copy", "a", configFile: ["output": ["json", "yaml"]])
        == "tool copy: output in the configuration file can be given only once")
    #expect(
      message("copy", "a", environment: ["TOOL_VERBOSE": "-1"])
        == "tool copy: TOOL_VERBOSE must be true or false, or a number up to 10")
    #expect(message("topics", "create", "x", configFile: ["output": ["json"]]) == nil)
  }

  @Test("A value that may be a secret is not repeated") func secrets() {
    #expect(message("copy", "a", "--secert=hunter2")?.contains("hunter2") == false)
    #expect(message("copy", "a", "--force=hunter2")?.contains("hunter2") == false)
    #expect(message("copy", "a", environment: ["TOOL_OUTPUT": "hunter2"])?.contains("hunter2") == false)
  }

  @Test(
    "Help is understood anywhere, and then nothing else is checked",
    arguments: [
      ["copy", "--help"], ["--help", "copy"], ["copy", "-h", "a", "b", "c"], ["help", "copy"], ["cp", "-h"],
    ])
  func help(line: [String]) throws {
    let call = try example.parse(line, environment: ["TOOL_OUTPUT": "x"])
    #expect(call.wantsHelp)
    #expect(call.path == ["copy"])
  }

  @Test("Numbers are read within their bounds") func numbers() throws {
    #expect(try parse("copy", "a", "-p", "7").int("parallelism", in: 1...64) == 7)
    #expect(try parse("copy", "a").int("parallelism") == nil)
    for text in ["0", "65", "x", "", "1.5", "9223372036854775808"] {
      let call = try parse("copy", "a", "-p", text)
      let error = #expect(throws: UsageError.self) { try call.int("parallelism", in: 1...64) }
      #expect(error?.description == "tool copy: --parallelism must be a whole number between 1 and 64")
    }
  }

  @Test(
    "Durations are read",
    arguments: [
      ("500ms", 500), ("10s", 10_000), ("1m30s", 90_000), ("2h", 7_200_000), ("1d12h", 129_600_000), ("0s", 0),
    ] as [(String, Int64)]) func durations(text: String, milliseconds: Int64) throws
  {
    #expect(try parse("copy", "a", "--timeout", text).duration("timeout") == .milliseconds(milliseconds))
  }

  @Test(
    "What is no duration is refused",
    arguments: [
      "", "10", "s", "1x", "-1s", "1.5s", "1s1m", "1s1s", "1 s", "٣s", "9223372036854775807d", "99999999999999999999s",
    ])
  func badDurations(text: String) throws {
    let call = try parse("copy", "a", "--timeout=\(text)")
    #expect(throws: UsageError.self) { try call.duration("timeout") }
  }

  @Test("A pair without a key or an equals sign is refused", arguments: ["x", "=x", ""]) func badPairs(text: String)
    throws
  {
    let call = try parse("copy", "a", "-X", "a=", "-X", text)
    #expect(throws: UsageError.self) { try call.pairs("property") }
  }
}
