import ColdStorage
import ControlTopics
import RestoreEngine
import RestoreModel

/// What stands beside committed offsets in the control cluster and in the sink, where others may commit too.
enum PositionTargets {
  static func positions(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    if let metadata = try? CommittedMetadata.decode(text) {
      try require(try CommittedMetadata.decode(metadata.encode()) == metadata, "\(text) is read as another position")
      var decoder = StateDecoder()
      try? decoder.note(metadata, offset: Int64(bytes.count))
    }
    if let (uid, run) = RunNames.parse(group: text) {
      let parsed = RunNames.parse(group: RunNames(prefix: "", uid: uid, run: run).group)
      try require(parsed?.uid == uid && parsed?.run == run, "the group \(text) is read as another")
    }
    guard var position = LanePosition(offset: 7, metadata: bytes) else { return }
    try require(
      LanePosition(offset: 7, metadata: position.metadata.utf8) == position, "\(text) is read as another position")
    // A worker that takes over goes on from there.
    position.claim = position.claim.next
    let more = RecordsDigest(records: 1 << 40, timestamps: position.sent.timestamps, rest: position.sent.rest)
    position.advance(to: 8, sent: more, first: 3, last: 4)
  }

  static func schemaIDs(_ bytes: [UInt8]) throws {
    guard let schemas = try? SchemaIDFile.parse(bytes, named: "ids") else { return }
    let text = schemas.map { "\($0.key): \($0.value)\n" }.joined()
    try require(try SchemaIDFile.parse(Array(text.utf8), named: "ids") == schemas, "\(text) is read as other pairs")
  }
}
