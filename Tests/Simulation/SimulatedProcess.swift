/// One process of the simulation. It may die at an effect, and then does nothing any more, or freeze there, and then not know that
/// time has passed.
final class SimulatedProcess: @unchecked Sendable {
  struct Crashed: Error {}

  let name: String
  let machine: Machine
  private(set) var isDead = false
  private(set) var frozenUntil: Int64 = 0
  /// Effects so far: calls of brokers, of which each may be the last.
  private(set) var effects = 0
  /// The effect that the process doesn't survive.
  var diesAt: Int?
  /// Milliseconds, by the effect at which it stops for so long.
  var freezes: [Int: Int64] = [:]
  /// One commit to the sink in so many loses its answer, having happened or not.
  var losesAnswers: Int64?
  /// Called when it dies or freezes.
  var whenSilent: () -> Void = {}

  init(_ name: String, _ machine: Machine) {
    self.name = name
    self.machine = machine
  }

  var isFrozen: Bool { machine.now < frozenUntil }

  /// Before and after every effect: time may pass, others may run, and this may be the end.
  func effect() async throws {
    try alive()
    effects += 1
    if effects == diesAt { die() }
    if let time = freezes[effects] { freeze(for: time) }
    try alive()
    await machine.pause(machine.draw(0...3))
    try await awake()
  }

  /// Waits for the end of a freeze.
  func awake() async throws {
    while isFrozen, !isDead { await machine.pause(frozenUntil - machine.now) }
    try alive()
  }

  func alive() throws { if isDead { throw Crashed() } }

  func die() {
    guard !isDead else { return }
    isDead = true
    whenSilent()
  }

  func freeze(for milliseconds: Int64) {
    frozenUntil = max(frozenUntil, machine.now + milliseconds)
    whenSilent()
  }

  func thaw() { frozenUntil = 0 }

  /// Later, unless it is dead by then; when it is frozen by then, as much later after that.
  func after(_ milliseconds: Int64, _ action: @escaping @Sendable () -> Void) {
    machine.after(milliseconds) { [self] in
      if isDead { return }
      guard isFrozen else { return action() }
      after(frozenUntil - machine.now + machine.draw(0...milliseconds), action)
    }
  }
}

/// Waits for a ring or for simulated time. A ring that nobody waited for is kept.
final class SimulatedBell: @unchecked Sendable {
  private let machine: Machine
  private var isRung = false
  private var timer: Int?

  init(_ machine: Machine) { self.machine = machine }

  func ring() {
    guard let timer else { return isRung = true }
    machine.fire(timer)
  }

  func wait(_ milliseconds: Int64) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = isRung || Task.isCancelled
        isRung = false
        timer = machine.after(isDue ? 0 : milliseconds) { continuation.resume() }
      }
      timer = nil
    } onCancel: {
      ring()
    }
  }
}
