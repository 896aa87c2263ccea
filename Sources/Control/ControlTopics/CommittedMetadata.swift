import JSON
package import RestoreModel

/// What the owner commits beside its offset in `commands`: enough to know whether a fold is whole. It outlives compaction, and is
/// written in the same transaction as what it speaks of. Brokers bound it (`offset.metadata.max.bytes`, 4096); this is less than 400 bytes.
package struct CommittedMetadata: Hashable, Sendable {
  package struct Unreadable: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String {
      "the metadata of the committed position is not what this version writes; start a newer thaw, or check who commits for its group"
    }
  }

  package var installation: String
  /// Of the last event.
  package var sequence: Int64
  package var epoch: Int64
  /// The latest time anything was decided at.
  package var time: Instant
  /// Offsets of the last records written to each topic, those of this commit's own transaction included.
  package var specs: Int64?
  package var status: Int64?
  package var events: Int64?

  package init(
    installation: String, sequence: Int64, epoch: Int64, time: Instant, specs: Int64? = nil, status: Int64? = nil,
    events: Int64? = nil
  ) {
    self.installation = installation
    self.sequence = sequence
    self.epoch = epoch
    self.time = time
    self.specs = specs
    self.status = status
    self.events = events
  }

  /// One line of JSON.
  package func encode() -> String {
    JSONValue.build { fields in
      fields.put("version", ContractVersion.current)
      fields.put("installation", installation)
      fields.put("sequence", sequence)
      fields.put("epoch", epoch)
      fields.put("time", time)
      fields.put("specs", specs)
      fields.put("status", status)
      fields.put("events", events)
    }.text()
  }

  package static func decode(_ text: String) throws(Unreadable) -> CommittedMetadata {
    guard let json = try? JSONValue.parse(text, root: .container), json["version"]?.int == ContractVersion.current,
      let metadata = try? Decode.object(json, { CommittedMetadata(reading: &$0) })
    else { throw Unreadable() }
    return metadata
  }

  private init?(reading fields: inout ObjectReader) {
    fields.ignore("version")
    let installation = fields.string("installation")
    let sequence = fields.int("sequence", in: Counted.range)
    let epoch = fields.int("epoch", in: Counted.range)
    let time = fields.instant("time")
    let specs = fields.optionalInt("specs", in: 0...Int64.max)
    let status = fields.optionalInt("status", in: 0...Int64.max)
    let events = fields.optionalInt("events", in: 0...Int64.max)
    fields.finish()
    guard let installation, let sequence, let epoch, let time else { return nil }
    self.init(
      installation: installation, sequence: sequence, epoch: epoch, time: time, specs: specs, status: status,
      events: events)
  }
}
