import ColdStorage
import RestoreModel

/// Says which topic a run restores in which lane, and how much there is to do.
struct RunPlanner {
  let config: RestoreConfig

  /// Nil where a topic's archive or target is missing: the preflight says which.
  func plan(_ selection: RestoreSelection, _ cluster: inout TargetCluster) throws(WorkInterruption) -> RunPlan? {
    guard let lanes = try lanes(selection, &cluster) else { return nil }
    var topics: [TopicProgress] = []
    for topic in selection.topics {
      let lane = lanes.first { $0.topics.contains(topic.target) }?.id
      topics.append(TopicProgress(target: topic.target, lane: lane, figures: try figures(topic)))
    }
    return RunPlan(
      lanes: lanes, archiveDigest: selection.digest, sources: selection.sources, clusterID: cluster.clusterID,
      topics: topics)
  }

  func lanes(
    _ selection: RestoreSelection, _ cluster: inout TargetCluster
  ) throws(WorkInterruption) -> [PlannedLane]? {
    guard selection.absent.isEmpty else { return nil }
    var targets: [(target: TopicName, maxMessageBytes: Int64)] = []
    for topic in selection.topics {
      let target = try cluster.target(topic.target)
      guard target != nil || topic.mapping.disablePreflightChecks else { return nil }
      targets.append((topic.target, target?.maxMessageBytes ?? TargetTopic.defaultMaxMessageBytes))
    }
    return LanePlanner.lanes(for: targets, maxProducers: config.maxProducers)
  }

  private func figures(_ topic: SelectedTopic) throws(WorkInterruption) -> Figures {
    var figures = Figures()
    for partition in topic.partitions {
      do {
        let totals = try topic.archive.totals(partition.number, partition.offsetSelection)
        figures.recordsTotal += totals.records
        figures.bytesTotal += Int64(totals.contentBytes)
      } catch {
        throw WorkInterruption(error, doing: "counting the records of \(topic.mapping.source)")
      }
    }
    return figures
  }
}
