import Glibc

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

struct FileTrouble: Error {
  let path: String
  let errno: Int32
}

func flipByte(of path: String, at position: Int) throws {
  let file = open(path, O_RDWR)
  guard file >= 0 else { throw FileTrouble(path: path, errno: errno) }
  defer { close(file) }
  var byte: UInt8 = 0
  guard pread(file, &byte, 1, position) == 1 else { throw FileTrouble(path: path, errno: errno) }
  byte ^= 0xff
  guard pwrite(file, &byte, 1, position) == 1 else { throw FileTrouble(path: path, errno: errno) }
}

func write(_ text: String, to path: String) throws {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard file >= 0 else { throw FileTrouble(path: path, errno: errno) }
  defer { close(file) }
  let bytes = Array(text.utf8)
  guard write(file, bytes, bytes.count) == bytes.count else { throw FileTrouble(path: path, errno: errno) }
}
