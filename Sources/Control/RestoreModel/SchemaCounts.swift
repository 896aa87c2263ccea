/// What a schema mapping met that it doesn't map. Zero where a Restore has none: then nobody looks at the ids.
package struct SchemaCounts: Hashable, Sendable {
  /// Ids that no mapping names, and how often each was met, in keys and in values; of the first `limit` ids only.
  package private(set) var unmapped: [Int32: Int64] = [:]
  /// The same of all ids together.
  package private(set) var unmappedTotal: Int64 = 0
  /// Records of which neither key nor value has an id.
  package var unframedRecords: Int64 = 0

  /// Keeps a status small whatever the records hold.
  package static let limit = 50

  package init() {}

  package init(unmapped: [Int32: Int64], unmappedTotal: Int64, unframedRecords: Int64) {
    self.unmapped = unmapped
    self.unmappedTotal = unmappedTotal
    self.unframedRecords = unframedRecords
  }

  package var isEmpty: Bool { unmappedTotal == 0 && unframedRecords == 0 }

  package mutating func meet(_ id: Int32) { count(id, 1) }

  package mutating func add(_ other: SchemaCounts) {
    guard !other.isEmpty else { return }
    unframedRecords += other.unframedRecords
    for (id, times) in other.unmapped.sorted(by: { $0.key < $1.key }) { count(id, times) }
    // Those that the other didn't keep by their id.
    unmappedTotal += other.unmappedTotal - other.unmapped.values.reduce(0, +)
  }

  private mutating func count(_ id: Int32, _ times: Int64) {
    unmappedTotal += times
    if unmapped[id] != nil || unmapped.count < Self.limit { unmapped[id, default: 0] += times }
  }
}
