import FuzzDriver
import FuzzTargets
import Glibc

// thaw-fuzz TARGET [libFuzzer's arguments]: looks for bytes that break a reader, or tries given files; without arguments, names the targets.
// Tests/run --fuzz builds it with libFuzzer and runs it.

guard CommandLine.arguments.count > 1, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
  for target in FuzzTarget.allCases { print(target.rawValue) }
  exit(CommandLine.arguments.count > 1 ? 2 : 0)
}

nonisolated(unsafe) var chosen = target

/// A wrong result ends the process as a trap would, so that libFuzzer keeps the bytes.
func attempt(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  do {
    try chosen.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    // Past the buffer of standard output, which abort would drop.
    let text = Array("thaw-fuzz \(chosen): \(error)\n".utf8)
    write(STDERR_FILENO, text, text.count)
    abort()
  }
  return 0
}

var arguments = ["thaw-fuzz"] + CommandLine.arguments.dropFirst(2)
var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
let status = fuzz_drive(Int32(arguments.count), &pointers) { attempt($0, $1) }
if status < 0 {
  print("thaw-fuzz: built without libFuzzer; Tests/run --fuzz builds it with it")
  exit(2)
}
exit(status)
