import Glibc
import Threads

private let names = Locked(0)

/// A name for a topic, group or transactional id that no other test uses, in this process or another.
package func uniqueName(_ purpose: String) -> String {
  let number = names.withLock { number in
    number += 1
    return number
  }
  return "\(purpose)-\(getpid())-\(number)"
}
