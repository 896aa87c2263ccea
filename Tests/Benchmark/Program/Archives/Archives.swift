import ColdStorage
import Glibc
import Measures

/// An archive of one topic, of one partition.
struct BenchArchive {
  struct Kind: Hashable {
    var shape: RecordMaker.Shape
    var codec: BatchCodec
    /// Content, uncompressed.
    var megabytes: Int
    /// Before compression; a capture makes batches of up to 1,000,000 bytes.
    var batchBytes = 1_000_000
    /// A segment ends with the first batch that takes it here.
    var segmentBytes: UInt64 = 128 << 20
    var records: Int64?

    var name: String { "\(codec), \(shape == .event ? "100 B" : "1 KB")" }
  }

  static let topic = "records"
  let kind: Kind
  let path: String
  let records: Int64
  /// Of keys and values.
  let contentBytes: Int64

  func open() throws -> ArchivedTopic { try ArchiveReader(VolumeStore(root: path)).open(Self.topic) }

  /// Their files, in order.
  func segments() throws -> [String] {
    try open().partitions[0].segments.map { segment in
      let digits = String(segment.baseOffset)
      return "\(path)/\(Self.topic)/0/\(String(repeating: "0", count: 20 - digits.count))\(digits).log"
    }
  }
}

/// Makes archives when they are first asked for.
final class Archives {
  private let directory: String
  private var made: [BenchArchive.Kind: BenchArchive] = [:]

  init(in directory: String) { self.directory = directory }

  func make(_ kind: BenchArchive.Kind) throws -> BenchArchive {
    if let archive = made[kind] { return archive }
    let archive: BenchArchive
    switch kind.codec {
    case .zstd, .none: archive = try write(kind, nextPath)
    default:
      // Captures store zstd: an archive with another codec is one that was taken from a broker's own segments.
      var plain = kind
      plain.codec = .none
      let source = try make(plain)
      archive = try BatchRecoder.recode(source, as: kind, nextPath)
    }
    made[kind] = archive
    return archive
  }

  private var nextPath: String { "\(directory)/archive-\(made.count)" }

  private func write(_ kind: BenchArchive.Kind, _ path: String) throws -> BenchArchive {
    let writer = try TopicArchiveWriter(
      try VolumeStore(root: path, create: true), topic: BenchArchive.topic, codec: kind.codec,
      limits: .init(segmentBytes: kind.segmentBytes, batchBytes: kind.batchBytes))
    let partition = try writer.writer(0, startOffset: 0)
    var maker = RecordMaker(kind.shape, seed: 7)
    var (offset, bytes) = (Int64(0), Int64(0))
    let (most, limit) = (kind.records ?? .max, Int64(kind.megabytes) * 1_000_000)
    while offset < most, bytes < limit {
      maker.advance()
      bytes += try maker.key.withUnsafeBytes { key in
        try maker.value.withUnsafeBytes { value in
          let record = SourceRecord(offset: offset, timestamp: maker.timestamp, key: key, value: value)
          try partition.append(record, .createTime)
          return Int64(record.contentSize)
        }
      }
      offset += 1
    }
    try writer.commit(
      ArchiveIndex(
        topic: BenchArchive.topic, partitionCount: 1, configuration: [:], capturedAt: 1, bounds: [0..<offset]),
      endOffsets: [0: offset])
    return BenchArchive(kind: kind, path: path, records: offset, contentBytes: bytes)
  }
}
