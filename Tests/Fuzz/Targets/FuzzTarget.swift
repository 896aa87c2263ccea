/// A reader of bytes that come from elsewhere, and what must hold whatever they are: it ends, by a value or by an error it declares, without a trap or a
/// read outside of what it was given; and what was read is written and read again as the same.
///
/// Tests/run --fuzz looks for bytes that break it; every file in Tests/Fuzz/Corpus/<name> is tried by each run of the tests.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case json
  case yaml
  case names
  case document
  case command
  case controlTopics
  case positions
  case schemaIDs
  case archiveIndex
  case segment
  case records
  case batches
  case commandLine
  case answers

  /// What `bytes` led to that must not be. Other errors of the readers are expected and caught.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
  }

  package func run(_ bytes: [UInt8]) throws {
    switch self {
    case .json: try TextTargets.json(bytes)
    case .yaml: try TextTargets.yaml(bytes)
    case .names: try TextTargets.names(bytes)
    case .document: try ControlTargets.document(bytes)
    case .command: try ControlTargets.command(bytes)
    case .controlTopics: try ControlTargets.topics(bytes)
    case .positions: try PositionTargets.positions(bytes)
    case .schemaIDs: try PositionTargets.schemaIDs(bytes)
    case .archiveIndex: try ArchiveTargets.index(bytes)
    case .segment: try ArchiveTargets.segment(bytes)
    case .records: try ArchiveTargets.records(bytes)
    case .batches: try BatchTargets.batches(bytes)
    case .commandLine: try TextTargets.commandLine(bytes)
    case .answers: try AnswerTargets.answers(bytes)
    }
  }
}

func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(FuzzTarget.Failure) {
  guard condition else { throw FuzzTarget.Failure(message()) }
}
