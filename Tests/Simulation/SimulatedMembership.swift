/// A process's place in the group, as it believes it to be. What has changed it learns after a while, or when it is refused.
final class SimulatedMembership: @unchecked Sendable {
  struct Assignment: Equatable {
    /// Counts the times that the partition came to us.
    var number: Int
    var generation: Int
  }

  private(set) var assignment: Assignment?
  /// What a process hears of the group it hears after up to so many milliseconds.
  var reaction: Int64 = 5
  private let process: SimulatedProcess
  private let broker: SimulatedBroker
  private let bell: SimulatedBell
  private var numbers = 0
  private var isJoining = false

  init(_ process: SimulatedProcess, _ broker: SimulatedBroker, _ bell: SimulatedBell) {
    self.process = process
    self.broker = broker
    self.bell = bell
  }

  func join() {
    guard !isJoining else { return }
    isJoining = true
    broker.rebalanced[process.name] = { [self] in noticeLater() }
    broker.join(process.name)
    noticeLater()
  }

  func leave() {
    isJoining = false
    broker.rebalanced[process.name] = nil
    assignment = nil
    broker.remove(process.name)
  }

  func holds(_ number: Int) -> Bool { assignment?.number == number }

  /// Asks the group; false if it doesn't know us so.
  func confirm() -> Bool {
    guard let assignment, broker.members.contains(process.name), assignment.generation == broker.generation else {
      void(assignment?.generation)
      return false
    }
    return true
  }

  /// The broker refused that generation: it counts for nothing until the group tells of another.
  func void(_ generation: Int?) {
    if assignment?.generation == generation { assignment = nil }
    noticeLater()
  }

  private func noticeLater() { process.after(process.machine.draw(0...reaction)) { [self] in notice() } }

  private func notice() {
    guard isJoining else { return }
    if !broker.members.contains(process.name) {
      assignment = nil
      broker.join(process.name)
    } else if broker.assignee == process.name {
      if assignment == nil { numbers += 1 }
      assignment = Assignment(number: numbers, generation: broker.generation)
    } else {
      assignment = nil
    }
    bell.ring()
  }
}
