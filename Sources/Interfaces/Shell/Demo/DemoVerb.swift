import Kafka
import LocalBroker

import Glibc

/// `thaw demo`: the whole story, with the same programs and records that anybody would use by hand. Leaves nothing running.
struct DemoVerb: Sendable {
  let context: Context

  init(_ context: Context) { self.context = context }

  func run() async throws {
    let folder = try DemoFolder(in: context.environment["TMPDIR"] ?? "/tmp")
    let began = ContinuousClock.now
    do {
      try await StopSignals.stopping(throwingWhenSignalled: true) { try await inside(folder) }
    } catch {
      folder.remove()
      throw error
    }
    folder.remove()
    let seconds = (ContinuousClock.now - began).components.seconds
    context.terminal.print("\nThe demo took \(seconds) s and has left nothing running.")
  }

  private func inside(_ folder: DemoFolder) async throws {
    let script = DemoScript(context.terminal)
    script.step("A broker")
    let broker = try await DemoBroker.start(context, folder) { script.say($0) }
    let outcome: Result<Void, any Error>
    do {
      let stage = try DemoStage(context, folder, broker, script)
      try await stage.play()
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    // The cleaning must happen though the task may be cancelled.
    if let node = broker.node { await Task { await node.stop(patience: .seconds(5)) }.value }
    try outcome.get()
  }
}

/// The demo's words: numbered headings, what happens under them, and each command as one would type it.
struct DemoScript: Sendable {
  private let terminal: Terminal
  private let count = Counter()

  init(_ terminal: Terminal) { self.terminal = terminal }

  func step(_ title: String) {
    let number = count.next()
    terminal.print((number > 1 ? "\n" : "") + "\(number). \(title)")
  }

  func say(_ line: String) { terminal.print(line.isEmpty ? "" : "   \(line)") }
  func command(_ line: String) { terminal.print("   $ \(line)") }
  func output(_ text: String) {
    guard !text.isEmpty else { return }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0) {
      terminal.print(line.isEmpty ? "" : "   \(line)")
    }
  }
}
