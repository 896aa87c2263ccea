import Glibc
import Testing

func write(_ text: String, to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  let written = write(descriptor, text, text.utf8.count)
  try #require(written == text.utf8.count)
}
