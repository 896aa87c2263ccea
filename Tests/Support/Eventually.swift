/// Waits for what happens in its own time: asks again every 10 ms until `condition` holds; false after `deadline`.
package func eventually(
  within deadline: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws -> Bool {
  let end = ContinuousClock.now + deadline
  while true {
    if try await condition() { return true }
    guard ContinuousClock.now < end else { return false }
    try await Task.sleep(for: .milliseconds(10))
  }
}
