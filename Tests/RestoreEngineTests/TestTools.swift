import Glibc

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
