import ColdStorage
import RestoreModel
import Threads

/// The archives of a run as its workers opened them last, so that an index is taken apart once and not by each of them. Each opens what stands there
/// at its time all the same: an index with one byte changed is read anew.
///
/// As large as the indexes of the run's topics.
package final class OpenedArchives: Sendable {
  private struct Entry {
    let whole: ArchivedTopic
    /// What was asked for, or the ends of the whole.
    let ends: [Int64]
    let part: ArchivedTopic
  }

  /// By place and topic.
  private let entries = Locked([String: Entry]())

  package init() {}

  /// - Parameter planned: how far the archive reached when the run was planned; nil before. An archive that is another one since, such as one that was made
  ///   anew and is shorter, is taken as it is: its digest tells.
  func open(
    _ topic: TopicName, upTo planned: [Int64]?, _ reader: ArchiveReader
  ) throws(ArchiveError) -> ArchivedTopic {
    let place = "\(reader.store.location(of: reader.prefix)) \(topic)"
    let known = entries.withLock { $0[place] }
    let whole = try reader.open(topic.text, known: known?.whole)
    let ends = planned ?? whole.ends
    if let known, known.whole.isOf(sameIndexAs: whole), known.ends == ends { return known.part }
    let part = try Self.part(of: whole, ends)
    entries.withLock { $0[place] = Entry(whole: whole, ends: ends, part: part) }
    return part
  }

  private static func part(of whole: ArchivedTopic, _ ends: [Int64]) throws(ArchiveError) -> ArchivedTopic {
    if let part = try whole.upTo(ends) { return part }
    return try whole.upTo(whole.ends) ?? whole
  }
}

extension ArchivedTopic {
  fileprivate var ends: [Int64] { partitions.map(\.endOffset) }
}
