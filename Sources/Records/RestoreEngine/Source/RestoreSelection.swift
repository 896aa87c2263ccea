import ColdStorage
import Crypto
import RestoreModel

/// Everything that a Restore selects, in the order of the document.
struct RestoreSelection: Sendable {
  let topics: [SelectedTopic]
  /// Mappings whose source the archive doesn't have, with what the archive says.
  let absent: [(mapping: TopicMapping, reason: String)]
  /// How far the archive of each source topic reaches, by name: what it grows by later is no part of the run.
  let sources: [PlannedSource]
  /// SHA-256 over the indexes of all source topics so far, by name: a run is pinned to it.
  let digest: String

  /// - Parameter planned: how far the archives reached when the run was planned; empty before.
  /// - Parameter opened: what the run's workers have opened.
  init(
    _ reader: ArchiveReader, _ config: RestoreConfig, planned: [PlannedSource],
    opened: OpenedArchives = OpenedArchives()
  ) throws(RunFault) {
    var archives: [TopicName: ArchivedTopic] = [:]
    var reasons: [TopicName: String] = [:]
    for source in Set(config.topics.map(\.source)).sorted() {
      do {
        let ends = planned.first { $0.topic == source }?.ends
        archives[source] = try opened.open(source, upTo: ends, reader)
      } catch {
        guard case .noSuchTopic = error else { throw StorageFault.fault(error) }
        // It was there when the run was planned.
        if planned.contains(where: { $0.topic == source }) {
          throw RunFault(reason: StorageFault.unreachable, message: "\(error) any more; is the volume mounted?")
        }
        reasons[source] = error.description
      }
    }
    sources = archives.sorted { $0.key < $1.key }.map {
      PlannedSource(topic: $0.key, ends: $0.value.partitions.map(\.endOffset))
    }
    topics = config.topics.compactMap { mapping in
      archives[mapping.source].map { SelectedTopic(mapping, $0, config) }
    }
    absent = config.topics.compactMap { mapping in reasons[mapping.source].map { (mapping, $0) } }
    digest = try Self.digest(archives)
  }

  func topic(_ target: TopicName) -> SelectedTopic? { topics.first { $0.target == target } }

  private static func digest(_ archives: [TopicName: ArchivedTopic]) throws(RunFault) -> String {
    let lines = archives.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.digest)\n" }
    do {
      var sum = try SHA256()
      for line in lines { Array(line.utf8).withUnsafeBytes { sum.update($0) } }
      return try sum.finish().description
    } catch {
      throw RunFault(reason: "InternalError", message: "no SHA-256 can be computed: \(error)")
    }
  }
}
