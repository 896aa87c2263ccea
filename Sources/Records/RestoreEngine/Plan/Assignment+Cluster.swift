import RestoreModel

extension Assignment {
  /// A run is pinned to the cluster that it was planned on: an EventHub may come to name another one meanwhile, where nobody knows what was
  /// restored, and half of a run in each would be worse than none.
  ///
  /// - Parameter found: `cluster.id` of the sink as it is reached now; nil when no broker told it.
  func check(clusterID found: String?) throws(RunFault) {
    guard let planned = item.clusterID else { return }
    guard let found else {
      // It did tell once, so nobody has been reached.
      throw RunFault(
        reason: RunFault.sinkUnreachable,
        message: "no broker of the sink (\(item.sink.bootstrapServers ?? "")) told its cluster.id in time")
    }
    guard planned != found else { return }
    throw RunFault(
      reason: "SinkChanged",
      message:
        "EventHub \"\(item.spec.sink)\" leads to the cluster \(found) now, but the run was planned on \(planned); let it "
        + "name that one again and retry, or restart for a new run on the other")
  }
}
