import LocalBroker
import TestSupport
import Testing

import Glibc

/// `THAW_RECORD_TRANSCRIPTS=1` writes what was printed back into the files, for somebody to read before committing it.
@Suite("Command-line transcripts", .serialized) struct TranscriptTests {
  @Test(
    "What is typed is answered as written down", .broker(),
    arguments: ["topics", "documents", "mistakes", "archive", "plan", "restore", "audit"])
  func play(name: String) async throws {
    let path = "\(Environment.packageRoot)/Tests/Transcripts/Goldens/\(name).txt"
    let expected = Transcript(parsing: try Stage.read(path))
    try #require(!expected.steps.isEmpty, "\(path) holds no step")
    let stage = try await Stage()
    var played = expected
    var beside: [ChildProcess] = []
    for index in played.steps.indices {
      let step = played.steps[index]
      guard step.isBackground else {
        played.steps[index].output = try await stage.play(step)
        continue
      }
      let (child, lines) = try await stage.playBeside(step)
      beside.append(child)
      played.steps[index].output = lines
    }
    for child in beside {
      child.send(SIGTERM)
      #expect(await child.ended() == .exited(code: 0), "a service stops in order")
    }
    await stage.broker.node.stop()
    if Environment["THAW_RECORD_TRANSCRIPTS"] == "1" { return try Stage.write(played.text, to: path) }
    for (expected, played) in zip(expected.steps, played.steps) {
      #expect(played.output == expected.output, "after: \(expected.command.joined(separator: " "))")
    }
  }

  @Test("A transcript is written as it is read") func roundTrip() {
    let text = """
      # a remark
      $ thaw get restores
      NAME
      ! warning
      [3]

      & thaw serve
      ready
      $ cat <<END
      > a
      >
      > END
      # the end

      """
    let transcript = Transcript(parsing: text)
    #expect(transcript.text == text)
    #expect(transcript.steps.map(\.isBackground) == [false, true, false])
    #expect(transcript.steps[2].command == ["cat <<END", "a", "", "END"])
  }
}
