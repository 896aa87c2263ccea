package import ControlTopics
package import Logging
import RestoreModel

/// The owner's loop over all of its terms: wait for ownership, fold what is recorded, decide until the term ends, throw everything away,
/// and again.
///
/// Nothing survives a term but the topics. Any number of instances may run; the log lets one at a time decide.
package final class Controller: Sendable {
  let log: any ControlLog
  let work: any WorkQueue
  let clock: any Clock
  let naming: TopicNaming
  /// Shown in `OwnerChanged`.
  let instance: String
  let settings: ControllerSettings
  let logger: Logger
  let inbox = Inbox()

  package init(
    log: any ControlLog, work: any WorkQueue, clock: any Clock, naming: TopicNaming, instance: String,
    settings: ControllerSettings = ControllerSettings(), logger: Logger
  ) {
    self.log = log
    self.work = work
    self.clock = clock
    self.naming = naming
    self.instance = instance
    self.settings = settings
    self.logger = logger
  }

  /// Returns after the task is cancelled: the decision in hand is finished, the work stopped, and the partition given back. Throws
  /// what no retry mends: `CorruptLog`, `ControlLogFailure`, or an inconsistency of our own. To be called once.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [work, inbox] in
        for await fact in work.facts { inbox.put(fact) }
      }
      defer { group.cancelAll() }
      do {
        try await serveTerms()
      } catch {
        await stop()
        logger.error("the controller halts", ["reason": describe(error)])
        throw error
      }
      await stop()
    }
  }

  private func serveTerms() async throws {
    var wait = settings.backoff.lowerBound
    while !Task.isCancelled {
      var decided = false
      do {
        let term = try await log.takeOver()
        inbox.open { term.wake() }
        let opening = try await Opening.read(from: term, naming: naming, logger: logger)
        let owner = OwnerLoop(self, term, opening)
        defer { decided = owner.hasDecided }
        try await owner.run()
      } catch let ended as TermEnded {
        logger.warning("the term ended", ["reason": ended.reason])
      } catch is CancellationError where Task.isCancelled {
        return
      }
      inbox.close()
      await work.stopAll()
      wait = decided ? settings.backoff.lowerBound : min(wait * 2, settings.backoff.upperBound)
      try? await clock.sleep(milliseconds: settings.jitter(wait))
    }
  }

  private func stop() async {
    inbox.close()
    await work.stopAll()
    await log.leave()
  }

  private func describe(_ error: any Error) -> String {
    (error as? CorruptLog)?.described(in: naming) ?? "\(error)"
  }
}
