package import ControlPlane
import ControlTopics
import Kafka
package import Logging
import Threads

/// The control log over Kafka: one group member, one transactional id, one owner.
///
/// Taking over, in this order: the group assigns `commands` to us; the group is asked whether that still holds; `initTransactions` fences whoever
/// was owner before and ends their transaction; the committed position is fetched, stably. Any other order loses or doubles decisions.
package final class KafkaLog: ControlLog {
  /// What this replica is called, in the group and in `OwnerChanged`.
  package let instance: String
  private let settings: KafkaLogSettings
  private let logger: Logger
  private let admin: Admin
  private let membership: Membership
  private let lock: HeldLock?
  private let term = Locked<KafkaTerm?>(nil)

  /// Checks the topics, finds this replica's name and joins the group.
  ///
  /// Throws `KafkaError` when the cluster can't be reached or refuses us, `ControlLogFailure` (with the remedy) when the topics aren't what they
  /// must be.
  package static func open(_ settings: KafkaLogSettings, logger: Logger) async throws -> KafkaLog {
    try await NamedThread.run("thaw-open") { try KafkaLog(settings, logger: logger) }
  }

  private init(_ settings: KafkaLogSettings, logger: Logger) throws {
    self.settings = settings
    self.logger = logger
    admin = try Admin(settings.kafka)
    let cluster = try admin.describeCluster(timeout: settings.requestTimeout)
    try TopicCheck(settings: settings, admin: admin).require(in: cluster)
    if let named = settings.instance {
      (instance, lock) = (named, nil)
    } else {
      let held = HeldLock(
        try InstanceLock.lowest(clusterID: cluster.clusterID ?? "unknown", prefix: settings.naming.prefix))
      (instance, lock) = (held.name, held)
    }
    membership = try Membership(settings, instance: instance, logger: logger)
  }

  package func takeOver() async throws -> any OwnerTerm {
    await retire()
    while true {
      try Task.checkCancellation()
      guard let assignment = try membership.assignment() else {
        await membership.changed.wait(atMost: .seconds(1))
        continue
      }
      do {
        let term = try await begin(assignment)
        self.term.withLock { $0 = term }
        return term
      } catch let error as KafkaError {
        guard !error.needsSomebody else { throw ControlLogFailure("\(error)") }
        if error.meansOutOfGroup { membership.void(assignment.metadata) }
        logger.warning("taking over failed, trying again", ["reason": error])
        await membership.changed.wait(atMost: .milliseconds(Int64.random(in: 100...400)))
      }
    }
  }

  package func leave() async {
    await retire()
    await membership.leave()
    admin.close()
    lock?.release()
  }

  /// Ends as a killed process would, for tests: nothing is given back.
  package func abandon() async {
    await retire()
    await membership.abandon()
    admin.close()
    lock?.release()
  }

  private func retire() async {
    let ended = term.withLock { term in
      defer { term = nil }
      return term
    }
    await ended?.close()
  }

  private func begin(_ assignment: Membership.Assignment) async throws -> KafkaTerm {
    try await membership.confirm()
    let producer = try TransactionalProducer(
      settings.kafka(adding: [
        "transaction.timeout.ms": "\(settings.transactionTimeout.wholeMilliseconds)",
        "message.max.bytes": "\(KafkaLogSettings.largestBatch)",
      ]), transactionalID: settings.naming.owner)
    do {
      try await fence(with: producer, assignment)
      let partition = settings.partition(.commands)
      let (group, timeout) = (settings.naming.owner, settings.requestTimeout)
      let committed = try await admin.onThread {
        try $0.committedPositions(of: group, partitions: [partition], timeout: timeout)[partition]
      }
      return KafkaTerm(
        settings: settings, assignment: assignment.number, membership: membership, admin: admin, producer: producer,
        committed: committed.map {
          CommandsPosition(offset: $0.offset, metadata: String(decoding: $0.metadata, as: UTF8.self))
        }, logger: logger)
    } catch {
      try? await producer.onThread { $0.close() }
      throw error
    }
  }

  /// With short time-outs, and a question to the group between two tries.
  private func fence(with producer: TransactionalProducer, _ assignment: Membership.Assignment) async throws {
    while true {
      try Task.checkCancellation()
      guard membership.holds(assignment.number) else {
        throw KafkaError(.illegalGeneration, "the partition went away while taking over")
      }
      do {
        return try await producer.onThread { try $0.initTransactions(timeout: .seconds(2)) }
      } catch let error as KafkaError where error.disposition == .retriable {
        logger.debug("initTransactions is tried again", ["reason": error])
        try await membership.confirm()
      }
    }
  }
}

extension KafkaError {
  /// The group doesn't know this member, or not in this generation.
  var meansOutOfGroup: Bool { [.illegalGeneration, .unknownMember, .fencedInstanceID].contains(code) }
}

/// An `InstanceLock` that a class can give back early.
private final class HeldLock: Sendable {
  let name: String
  private let lock: Locked<Box?>

  private final class Box {
    let lock: InstanceLock
    init(_ lock: consuming InstanceLock) { self.lock = lock }
  }

  init(_ lock: consuming InstanceLock) {
    name = lock.name
    self.lock = Locked(Box(lock))
  }

  func release() { lock.withLock { $0 = nil } }
}
