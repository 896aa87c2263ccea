import Glibc
import Testing

@testable import ColdStorage

@Suite struct VolumeTests {
  @Test(
    "A key cannot lead out of its store",
    arguments: [
      "..", ".", "../x", "a/../b", "a/..", "/etc/passwd", "a//b", "a/", "a\u{0}b", "./a",
      String(repeating: "x", count: 256),
    ])
  func keys(path: String) throws {
    #expect(throws: StorageError.self) { try BlobKey(path) }
  }

  @Test("A topic's name is one component, whatever is in it", arguments: ["..", ".", "", "a/b", "/", "a\u{0}"])
  func topics(name: String) throws {
    let folder = try TemporaryFolder()
    let store = try VolumeStore(root: folder.path)
    #expect(throws: ArchiveError.self) { try ArchiveReader(store).open(name) }
    #expect(throws: ArchiveError.self) { try TopicArchiveWriter(store, topic: name) }
    #expect(try store.list(.root).isEmpty)
  }

  @Test("A slash under a combining mark is a slash")
  func combining() {
    #expect(throws: StorageError.self) { try BlobKey.root.appending("..\u{2f}\u{301}x") }
  }

  @Test("Names with dots inside are names")
  func dots() throws {
    #expect(try BlobKey("a..b/...").components == ["a..b", "..."])
  }

  @Test("No symbolic link below the root is followed")
  func links() throws {
    let outside = try TemporaryFolder()
    try outside.overwrite("secret", [1, 2, 3])
    let inside = try TemporaryFolder()
    let store = try VolumeStore(root: inside.path)
    #expect(symlink(outside.path, "\(inside.path)/folder") == 0)
    #expect(symlink("\(outside.path)/secret", "\(inside.path)/file") == 0)
    for key in [try BlobKey("folder/secret"), try BlobKey("file")] {
      #expect(throws: StorageError.self) { try store.open(key) }
      #expect(throws: StorageError.self) { try store.lease(key) }
    }
    #expect(throws: StorageError.self) { try store.write(try BlobKey("folder/new"), [9]) }
    #expect(throws: StorageError.self) { try store.delete(try BlobKey("folder/secret")) }
    #expect(throws: StorageError.self) { try store.list(try BlobKey("folder")) }
    #expect(try store.list(.root).isEmpty)
    // A link is replaced, not written through.
    try store.write(try BlobKey("file"), [9])
    #expect(try outside.bytes("secret") == [1, 2, 3])
    #expect(!outside.exists("new"))
  }

  @Test("A blob is replaced as a whole, and an unfinished one leaves nothing")
  func replaces() throws {
    let folder = try TemporaryFolder()
    let store = try VolumeStore(root: folder.path)
    let key = try BlobKey("a/b/c")
    try store.write(key, [1, 2, 3])
    let reader = try store.open(key)
    do {
      let writer = try store.create(key)
      try [4, 5].withUnsafeBytes { try writer.append($0) }
      #expect(try store.read(key) == [1, 2, 3])
    }
    #expect(try store.list(.root).map(\.key) == [key])
    try store.write(key, [6])
    #expect(try store.read(key) == [6])
    #expect(try store.stat(key)?.size == 1)
    // Whoever had it open still reads the old one.
    var old = [UInt8](repeating: 0, count: 8)
    let count = try old.withUnsafeMutableBytes { try reader.read(at: 1, into: $0) }
    #expect(Array(old[..<count]) == [2, 3])
  }

  @Test("What is not there is said to be missing, by name")
  func missing() throws {
    let folder = try TemporaryFolder()
    let store = try VolumeStore(root: folder.path)
    let key = try BlobKey("no/such")
    #expect(throws: StorageError.missing(file: "\(folder.path)/no/such")) { try store.open(key) }
    #expect(try store.stat(key) == nil)
    #expect(try store.list(key).isEmpty)
    #expect(try store.folders(key).isEmpty)
    try store.delete(key)
    #expect(throws: StorageError.unavailable(store: "\(folder.path)/x", reason: "there is no such directory")) {
      try VolumeStore(root: "\(folder.path)/x")
    }
    try folder.overwrite("file", [])
    #expect(throws: StorageError.unavailable(store: "\(folder.path)/file", reason: "it is no directory")) {
      try VolumeStore(root: "\(folder.path)/file")
    }
    #expect(throws: ArchiveError.noSuchTopic(topic: "t", at: folder.path)) { try ArchiveReader(store).open("t") }
  }

  @Test("A store that goes away is said to be unavailable, which may pass")
  func goesAway() throws {
    let folder = try TemporaryFolder()
    let store = try VolumeStore(root: "\(folder.path)/mount", create: true)
    rmdir("\(folder.path)/mount")
    let error = #expect(throws: StorageError.self) { try store.list(.root) }
    #expect(error?.isTransient == true)
  }

  @Test("A pipe or a folder is no blob")
  func kinds() throws {
    let folder = try TemporaryFolder()
    let store = try VolumeStore(root: folder.path)
    #expect(mkfifo("\(folder.path)/pipe", 0o600) == 0)
    #expect(mkdir("\(folder.path)/folder", 0o700) == 0)
    #expect(throws: StorageError.self) { try store.open(try BlobKey("pipe")) }
    #expect(throws: StorageError.self) { try store.open(try BlobKey("folder")) }
  }

  @Test("Only one holds a lease, until it lets go")
  func lease() throws {
    let folder = try TemporaryFolder()
    let store = try VolumeStore(root: folder.path)
    let key = try BlobKey("t/lock")
    do {
      let lease = try store.lease(key)
      #expect(throws: StorageError.leased(file: "\(folder.path)/t/lock")) { try store.lease(key) }
      withExtendedLifetime(lease) {}
    }
    _ = try store.lease(key)
  }
}
