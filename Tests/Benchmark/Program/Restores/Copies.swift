import ColdStorage
import Measures

extension Restores {
  /// The engine, and batches alone, against the same segment files copied over a loopback connection.
  func copies(_ kinds: [BenchArchive.Kind]) throws -> String {
    var table = TextTable(
      "Restores against their segment files copied over a loopback connection into a file",
      ["archive", "sends", "ratio", "min–max", "MB/s", "the copy's"], texts: 2)
    for kind in kinds {
      let archive = try archives.make(kind)
      let files = try archive.segments()
      let batches = try LoadedBatches(archive)
      let size = try archive.open().partitions[0].segments.reduce(0) { $0 + Int($1.size) }
      let copy: () throws -> Lap = { [self] in
        try Lap.of(broker: nil) {
          let arrived = try SocketCopy.run(files, to: "\(rig.directory)/copy")
          guard arrived == size else { throw Wrong("\(arrived) bytes of \(size) arrived") }
        }
      }
      let laps = try Contest.run(
        rounds,
        [
          copy, { [self] in try engine(archive, Case(row: .copy, kind: kind)) },
          { [self] in try alone(archive, batches, 1) },
        ])
      let rate = { (laps: [Lap]) in Spelled.number(laps.wall.median.map { Double(size) / 1e6 / $0 }) }
      for (name, contender) in zip(["engine", "batches alone"], laps.dropFirst()) {
        let ratio = laps[0].wall.over(contender.wall)
        table.add([
          name == "engine" ? kind.name : "", name, Spelled.number(ratio.median), Spelled.range(ratio.range),
          rate(contender), rate(laps[0]),
        ])
      }
    }
    return table.text
  }
}
