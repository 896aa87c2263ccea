import ColdStorage
import RestoreModel

// A refused batch leaves a gap in its partition's sequence of batches, and others behind it may have been taken. So the session ends as with any other
// error: its transaction is aborted, and the next one, with a producer epoch of its own, begins behind what was committed last and reads from there.
extension LaneSession {
  /// Has the next session, of whichever lane, keep to what the brokers refused in this one. Whatever it ended for: another answer may have come first.
  func learnCodecs(_ interruption: WorkInterruption) throws(WorkInterruption) {
    let (refused, known) = (sink.refusedCodecs, assignment.known.refusedCodecs)
    known.insert(refused)
    guard case .codecRefused(let fault) = interruption else { return }
    if let exhaustion = known.exhaustion { throw .fatal(exhaustion) }
    // A codec that this session was to keep from: the next one would do no better.
    guard case .wire(let rules) = sink.form, refused.contains(where: { rules.codecs.contains($0.codec) }) else {
      throw .fatal(fault)
    }
  }
}
