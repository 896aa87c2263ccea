import Glibc
import Logging
import Testing

@Suite("Log lines") struct LoggerTests {
  private let sink = MemoryLogSink(now: LogTime(milliseconds: 1_767_323_045_678))

  @Test("A line carries time, level, component, message and fields") func line() {
    Logger("owner", to: sink).info("took over", ["epoch": 7, "topic": "thaw.commands"])
    #expect(
      sink.lines == [
        #"time=2026-01-02T03:04:05.678Z level=info component=owner msg="took over" epoch=7 topic=thaw.commands"#
      ])
  }

  @Test(
    "A value is quoted when it could be misread",
    arguments: [
      ("plain-1/2:3", "plain-1/2:3"), ("", #""""#), ("a b", #""a b""#), ("a=b", #""a=b""#), (#"a"b\"#, #""a\"b\\""#),
      ("a\nlevel=error\r\t", #""a\nlevel=error\r\t""#), ("\u{1B}[2J\u{0}", #""\u001b[2J\u0000""#),
      ("\u{202E}x", #""\u202ex""#),
      ("\u{10FFFF}", #""\udbff\udfff""#), ("é", #""é""#),
    ]) func quoting(value: String, written: String)
  {
    Logger("x", to: sink).info("m", ["k": value])
    #expect(sink.lines[0].hasSuffix("msg=m k=\(written)"))
  }

  @Test("A key can't break its line") func keys() {
    Logger("x", to: sink).info("m", ["a b=\n\"": 1, "": 2])
    #expect(sink.lines[0].hasSuffix("msg=m a_b___=1 _=2"))
  }

  @Test("A huge value is cut") func cut() {
    Logger("x", to: sink).info("m", ["k": String(repeating: "x", count: 1_000_000)])
    #expect(sink.lines[0].utf8.count < 5000)
    #expect(sink.lines[0].hasSuffix("x…"))
  }

  @Test("Lines below the level cost nothing: their message is never evaluated") func levels() {
    let quiet = MemoryLogSink(level: .warning)
    let log = Logger("x", to: quiet)
    var evaluated = 0
    func message() -> String {
      evaluated += 1
      return "m"
    }
    log.info(message())
    log.debug(message())
    #expect(evaluated == 0)
    log.warning(message())
    log.error(message())
    #expect(evaluated == 2)
    #expect(quiet.lines.count == 2)
  }

  @Test("Each -v shows one level more, up to the last") func verbosity() {
    #expect(LogLevel.info.raised(by: 0) == .info)
    #expect(LogLevel.info.raised(by: 1) == .debug)
    #expect(LogLevel.warning.raised(by: 2) == .debug)
    #expect(LogLevel.info.raised(by: .max) == .trace)
    #expect(LogLevel.info.raised(by: -1) == .info)
  }

  @Test("Fields given once stand on every line, under another name too") func common() {
    Logger("a", to: sink).with(["run": 3]).named("b").info("m", ["k": 1])
    #expect(sink.lines[0].hasSuffix("component=b msg=m run=3 k=1"))
  }

  @Test("A secret is never printed") func secret() {
    let password = Secret("hunter2")
    Logger("x", to: sink).info("\(password)", ["password": password])
    var dumped = ""
    dump(password, to: &dumped)
    for text in sink.lines + [dumped, "\(password)", String(reflecting: password), String(describing: [password])] {
      #expect(!text.contains("hunter2"))
    }
    #expect(sink.lines[0].hasSuffix("msg=*** password=***"))
    #expect(password.revealed == "hunter2")
  }

  @Test(
    "Times are written in UTC to the millisecond",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (-1000, "1969-12-31T23:59:59.000Z"),
      (951_782_400_001, "2000-02-29T00:00:00.001Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)]) func times(milliseconds: Int64, text: String)
  {
    #expect(LogTime(milliseconds: milliseconds).description == text)
  }

  @Test("Threads that write at once don't mix their lines") func descriptor() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (readEnd, writeEnd) = (ends[0], ends[1])
    defer { close(readEnd) }
    let log = Logger("x", to: DescriptorLogSink(writeEnd))
    // 4 × 40 lines of about 150 bytes fit a pipe, so that nobody waits for the reader.
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for line in 0..<40 {
            log.info("line", ["writer": writer, "line": line, "pad": String(repeating: "p", count: 60)])
          }
        }
      }
    }
    close(writeEnd)
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var text: [UInt8] = []
    while case let count = read(readEnd, &bytes, bytes.count), count > 0 { text += bytes[..<count] }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 160)
    for writer in 0..<4 {
      let own = lines.filter { $0.contains(" writer=\(writer) ") && $0.hasPrefix("time=") && $0.hasSuffix("ppp") }
      #expect(own.map { $0.split(separator: " ")[5] } == (0..<40).map { "line=\($0)" })
    }
  }
}
