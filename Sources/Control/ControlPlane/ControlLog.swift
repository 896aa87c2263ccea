package import ControlTopics

/// The control topics as the owner sees them. One process at a time decides; this port says when that is us, and makes sure
/// that whoever was it before can write nothing any more.
package protocol ControlLog: Sendable {
  /// Waits until this instance holds the `commands` partition; then, in this order: `initTransactions` with the one fixed transactional id (which fences
  /// every earlier owner and aborts its open transaction), the committed offset fetched stably, and a term is returned. Between tries the
  /// group is asked again. Throws `CancellationError` when the task is cancelled, `ControlLogFailure` for what no retry mends.
  /// The term before it, if there was one, is over.
  func takeOver() async throws -> any OwnerTerm

  /// Hands over in order: nothing is left open and the partition is given back, so that a standby needn't wait for a time-out. Called once,
  /// last, and does its work in a cancelled task too.
  func leave() async
}

/// What is committed for `commands`, as `takeOver` found it.
package struct CommandsPosition: Sendable, Hashable {
  /// The next offset of `commands` to decide.
  package var offset: Int64
  /// The metadata, as it was written by `commit`.
  package var metadata: String
  package init(offset: Int64, metadata: String) {
    self.offset = offset
    self.metadata = metadata
  }
}

/// Ownership from one take-over to its loss. Every method throws `TermEnded` once it is lost; the caller then throws all of its
/// state away and calls `takeOver` again.
package protocol OwnerTerm: Sendable {
  /// Nil: the group has none (a new installation, or it expired).
  var committed: CommandsPosition? { get }

  /// The smallest `max.message.bytes` of `specs`, `status` and `events`: what a record, its key, headers and batch overhead must fit into.
  var maxMessageBytes: Int { get }

  /// First offset that exists and the *true* end (what a read-uncommitted watermark query answers now, after the take-over).
  func extent(of topic: ControlTopic) async throws -> TopicExtent

  /// Hands over every committed record of a topic from `offset` (nil: the first that exists) up to the true end, which it returns; as many at a time as
  /// have come, in order. A foreign transaction that hides the tail makes it wait, what is before it having been handed over, and `blocked` shows it; it
  /// never takes the last stable offset for the end. What `body` throws ends it. Of the headers, those that a fold reads are there: `OwnerHeader`.
  func replay(_ topic: ControlTopic, from offset: Int64?, _ body: @escaping @Sendable ([ControlRecord]) throws -> Void)
    async throws -> Int64

  /// Where `commands` is read from; called once, after the fold.
  func startCommands(at offset: Int64) async throws

  /// The next commands in order, at most `max`; waits for at least one until `wake()` is called, the task is cancelled or about a second
  /// passes, and returns none then.
  func nextCommands(max: Int) async throws -> [ControlRecord]

  /// Makes the waiting `nextCommands` return, or the next one at once if none waits. Callable from anywhere.
  func wake()

  /// One transaction: the records, in order, and the position in `commands` (the next offset to decide) with the group's metadata as captured at
  /// the latest assignment. `metadata` gets the last offset that this transaction wrote to each topic and answers what the position carries.
  /// Returns those offsets. Any failure, an unknown outcome or the loss of the fence ends the term. Cancelling the task doesn't interrupt it.
  func commit(
    _ records: [OutgoingControlRecord], position: Int64,
    metadata: @escaping @Sendable (_ written: [ControlTopic: Int64]) -> String
  ) async throws -> [ControlTopic: Int64]

  /// Returns if this is still the owner, as the brokers see it, whatever this process believes; ends the term if not. For the moment at
  /// which the topics seem wrong: a successor that has written meanwhile looks just the same.
  func prove() async throws

  /// A partition whose last stable offset lags behind its end for longer than a moment: somebody's transaction is open. Nil when none.
  var blocked: BlockedPartition? { get async }
}

/// Where a topic's one partition begins and ends: `first..<end`.
package struct TopicExtent: Sendable, Hashable {
  package var first: Int64
  package var end: Int64
  package init(first: Int64, end: Int64) {
    self.first = first
    self.end = end
  }
}

package struct BlockedPartition: Sendable, Hashable {
  package var topic: ControlTopic
  package var lastStableOffset: Int64
  package var endOffset: Int64
  package init(topic: ControlTopic, lastStableOffset: Int64, endOffset: Int64) {
    self.topic = topic
    self.lastStableOffset = lastStableOffset
    self.endOffset = endOffset
  }
}

/// This term is over: fenced, unassigned, or a commit whose outcome nobody knows. No error of the process.
package struct TermEnded: Error, Sendable, CustomStringConvertible {
  package var reason: String
  package init(_ reason: String) { self.reason = reason }
  package var description: String { reason }
}

/// What no retry mends: the topics are wrong, another process has our instance's name, or our own topics can't be read.
package struct ControlLogFailure: Error, Sendable, CustomStringConvertible {
  package var message: String
  package init(_ message: String) { self.message = message }
  package var description: String { message }
}
