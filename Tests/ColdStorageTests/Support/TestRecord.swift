@testable import ColdStorage
import Seeded

/// A record that owns its bytes.
struct TestRecord: Hashable {
  struct Header: Hashable {
    var name: [UInt8]
    var value: [UInt8]?
  }

  var offset: Int64
  var timestamp: Int64
  var key: [UInt8]?
  var value: [UInt8]?
  var headers: [Header] = []

  init(offset: Int64, timestamp: Int64, key: [UInt8]? = nil, value: [UInt8]? = nil, headers: [Header] = []) {
    self.offset = offset
    self.timestamp = timestamp
    self.key = key
    self.value = value
    self.headers = headers
  }

  init(_ view: RecordView) throws {
    offset = view.offset
    timestamp = view.timestamp
    key = view.key.map(Array.init)
    value = view.value.map(Array.init)
    var cursor = view.headers
    while let header = try cursor.next() {
      headers.append(Header(name: Array(header.name), value: header.value.map(Array.init)))
    }
  }

  /// As borrowed memory, for the length of `body`.
  func borrowed<Result>(_ body: (SourceRecord) throws -> Result) rethrows -> Result {
    var owned: [UnsafeMutableRawBufferPointer] = []
    defer { for memory in owned { memory.deallocate() } }
    func lend(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
      memory.copyBytes(from: bytes)
      owned.append(memory)
      return UnsafeRawBufferPointer(rebasing: memory[..<bytes.count])
    }
    let record = SourceRecord(
      offset: offset, timestamp: timestamp, key: key.map(lend), value: value.map(lend),
      headers: headers.map { HeaderView(name: lend($0.name), value: $0.value.map(lend)) })
    return try body(record)
  }

  /// Records of all kinds: null and empty parts, doubled headers, gaps in the offsets, timestamps out of order.
  static func random(
    _ count: Int, from offset: Int64 = 0, using generator: inout SeededGenerator, longest: Int = 200
  ) -> [TestRecord] {
    var next = offset
    return (0..<count).map { _ in
      defer { next += Int.random(in: 0..<10, using: &generator) == 0 ? Int64.random(in: 2...50, using: &generator) : 1 }
      return TestRecord(
        offset: next, timestamp: Int64.random(in: 1_600_000_000_000...1_600_000_100_000, using: &generator),
        key: part(longest, &generator), value: part(longest, &generator),
        headers: (0..<max(0, Int.random(in: -3...3, using: &generator))).map { _ in
          Header(name: Array("h\(Int.random(in: 0...2, using: &generator))".utf8), value: part(20, &generator))
        })
    }
  }

  private static func part(_ longest: Int, _ generator: inout SeededGenerator) -> [UInt8]? {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: nil
    case 1: []
    case 2: generator.bytes(Int.random(in: 1...longest, using: &generator))
    // Something that compresses.
    default: [UInt8](repeating: 97, count: Int.random(in: 1...longest, using: &generator))
    }
  }
}
