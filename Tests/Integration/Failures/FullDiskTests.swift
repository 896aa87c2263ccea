import Archiver
import ColdStorage
import Glibc
import Kafka
import LocalBroker
import TestSupport
import Testing

@Suite("A disk that is full while archiving")
struct FullDiskTests {
  /// What ends the room of a capture.
  enum Limit: String, CaseIterable, CustomTestStringConvertible {
    /// The largest file that the process may write: everywhere.
    case fileSize
    /// A file system of its own: where one may be mounted.
    case fileSystem
    var testDescription: String { rawValue }

    static var here: [Limit] {
      guard let place = try? Place(.fileSystem) else { return [.fileSize] }
      place.leave()
      return Limit.allCases
    }

    var words: String { self == .fileSystem ? "No space left on device" : "File too large" }
  }

  /// Where an archive is, with too little room at first.
  struct Place {
    let limit: Limit
    let path: String

    init(_ limit: Limit) throws {
      self.limit = limit
      path = try TemporaryDirectory.make("full")
      if limit == .fileSystem {
        let path = path
        try Self.shell("mount -t tmpfs -o size=640k tmpfs '\(path)'")
        AtExit.run { try? Self.shell("mountpoint -q '\(path)' && umount -l '\(path)'") }
      }
    }

    private static func shell(_ command: String) throws {
      let process = try ChildProcess("/bin/sh", ["-c", command])
      while process.exit == nil { usleep(1000) }
      guard process.exit == .exited(code: 0) else { throw FileTrouble(description: "\(command): \(process)") }
    }

    /// In front of a program's call.
    var prefix: String { limit == .fileSize ? "trap '' XFSZ; ulimit -f 800; " : "" }

    func makeRoom() throws {
      if limit == .fileSystem { try Self.shell("mount -o remount,size=64m '\(path)'") }
    }

    func leave() { if limit == .fileSystem { try? Self.shell("umount -l '\(path)'") } }
  }

  /// Values that no codec makes smaller.
  private func fill(_ topic: String, _ broker: Broker, _ numbers: Range<Int>) async throws {
    let producer = try Producer(broker.configuration)
    var random = SystemRandomNumberGenerator()
    _ = try await producer.send(
      numbers.map { number in
        OutgoingRecord(
          topic: topic, partition: Int32(number % 2), key: Array("\(number)".utf8),
          value: (0..<4000).map { _ in UInt8.random(in: .min ... .max, using: &random) })
      })
    await producer.close()
  }

  @Test(
    "The capture says what it couldn't write; the archive is what it was, and with room again nothing is missing or double",
    .broker(), arguments: Limit.here, [false, true])
  func full(limit: Limit, follows: Bool) async throws {
    let broker = try await Broker.require()
    let topic = try await broker.makeTopic("source", partitions: 2)
    let place = try Place(limit)
    defer { place.leave() }
    let archive = try ArchiverTests.Archive(broker, at: place.path)
    try await fill(topic, broker, 0..<50)
    #expect(try await archive.capture(topic).records == 50)
    let log = try TemporaryDirectory.make("log") + "/log"
    func run(_ limited: String, _ options: String...) async throws -> (exit: ChildProcess.Exit, said: String) {
      let process = try ChildProcess(
        "/bin/sh",
        ["-c", "\(limited)exec \"$0\" \"$@\" >\(log) 2>&1", Program.thaw.path, "archive", topic, "--to", place.path]
          + ["-b", broker.bootstrapServers] + options)
      let timer = Task {
        try await Task.sleep(for: .seconds(90))
        process.send(9)
      }
      defer { timer.cancel() }
      return (await process.ended(), String(decoding: try readFile(log), as: UTF8.self))
    }
    try await fill(topic, broker, 50..<600)
    let failed =
      follows ? try await run(place.prefix, "--follow", "--every", "100ms") : try await run(place.prefix)
    #expect(failed.exit == .exited(code: 5), "\(failed)")
    #expect(failed.said.contains(limit.words) && failed.said.contains("\(place.path)/\(topic)/"), "\(failed)")
    #expect(try archive.open(topic).records == 50)
    #expect(try archive.open(topic).verify().isIntact)

    try place.makeRoom()
    let again = try await run("")
    #expect(again.exit == .exited(code: 0), "\(again)")
    for partition in [Int32(0), 1] {
      #expect(try await archive.records(topic, partition) == broker.readAll(TopicPartition(topic, partition)))
    }
    #expect(try archive.open(topic).records == 600)
    #expect(try archive.open(topic).verify().isIntact)
  }
}
