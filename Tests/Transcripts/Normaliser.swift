import TestSupport
import LocalBroker

/// Gives names to what differs from run to run.
enum Normaliser {
  static func lines(of text: String, _ stage: Stage) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines.map { line($0, stage) }
  }

  private static func line(_ line: String, _ stage: Stage) -> String {
    var line = line
    line.replace(stage.broker.node.bootstrapServers, with: "BROKER")
    line.replace(stage.directory, with: "DIR")
    line.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "UUID")
    // YAML quotes those that could be taken for a number.
    line.replace("\"UUID\"", with: "UUID")
    line.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "TIME")
    line.replace(/\s{3,}[0-9]+s$/, with: "   AGE")
    line.replace(/\s{3,}[0-9]+s\s{3,}/, with: "   AGE   ")
    // How many decisions share a transaction, and with it the offsets of its marker, is a matter of timing.
    line.replace(/^ +[0-9]+  TIME/, with: "  OFFSET  TIME")
    line.replace(/\([0-9]+s ago\)/, with: "(AGE ago)")
    line.replace(/thaw-[0-9a-z]{16,}/, with: "ID")
    return line
  }
}
