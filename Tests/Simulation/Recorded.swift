import ControlTopics
import RestoreModel

/// The fold of all that was accepted, markers or not: what is true from that moment on. Only what is new is read each time.
final class Recorded: @unchecked Sendable {
  private let broker: SimulatedBroker
  private var decoder = StateDecoder()
  private var read = 0
  /// Owners that wrote what can't be folded.
  private(set) var faults: [String] = []

  init(_ broker: SimulatedBroker) { self.broker = broker }

  var state: ControlState {
    while read < broker.accepted.count {
      let record = broker.accepted[read]
      read += 1
      do { try decoder.apply(record) } catch { faults.append("what is recorded can't be folded: \(error)") }
    }
    return decoder.state
  }

  /// A claim may be used from the moment on at which it is recorded.
  func knows(_ id: WorkItem.ID) -> Bool {
    guard let restore = state.resources[id.key], restore.metadata.uid == id.uid else { return true }
    return restore.status.controller.claim >= id.claim
  }

  /// No record may be written for that run any more, or for now.
  func isQuiet(_ place: SimulatedSink.Place) -> Bool {
    guard let restore = state.resources.values.first(where: { $0.metadata.uid == place.uid }) else { return true }
    return restore.status.run != place.run || restore.status.phase == .paused
  }
}
