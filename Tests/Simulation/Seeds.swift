import TestSupport
import Threads

/// Which histories to try. `THAW_SEED=17` tries that one alone, in every test that takes seeds: what a failing test names is replayed so.
/// `THAW_SEEDS=100` tries the first hundred, for runs that are slow or long.
enum Seeds {
  static let only = Environment["THAW_SEED"].flatMap { UInt64($0) }
  private static let count = Environment["THAW_SEEDS"].flatMap { UInt64($0) }

  static func first(_ usual: UInt64) -> [UInt64] { only.map { [$0] } ?? Array(0..<(count ?? usual)) }
}

/// Runs a history on a thread of its own: it computes without a pause, which would starve every other test of the process.
func simulate<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await NamedThread.run("simulation", body)
}
