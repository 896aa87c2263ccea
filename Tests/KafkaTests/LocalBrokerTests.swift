import Glibc
import Kafka
import LocalBroker
import TestSupport
import Testing
import Threads

@Suite("A broker on this machine")
struct LocalBrokerTests {
  @Test("A child's end is told as it happened")
  func exits() async throws {
    let directory = try TemporaryDirectory.make()
    let child = try ChildProcess("/bin/sh", ["-c", "echo said; exit 7"], output: "\(directory)/out")
    #expect(await child.ended() == .exited(code: 7))
    #expect(child.exit == .exited(code: 7))
    let sleeper = try ChildProcess("/bin/sleep", ["600"])
    #expect(sleeper.exit == nil)
    sleeper.send(SIGTERM)
    #expect(await sleeper.ended() == .killed(signal: SIGTERM))
    sleeper.send(SIGKILL)  // to nobody
    let size = try #require(FileSize.of("\(directory)/out"))
    #expect(size == 5)
  }

  @Test("A program that isn't there is named")
  func missing() {
    let error = #expect(throws: ChildProcess.NotStarted.self) { try ChildProcess("/nowhere/kafka", []) }
    #expect(error?.description.contains("/nowhere/kafka") == true)
    #expect(error?.description.contains("No such file") == true)
  }

  @Test("A child ends with the process that started it, however it ends")
  func parentDeath() async throws {
    let result = try #require(
      await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
        let child = try ChildProcess("/bin/sleep", ["600"])
        print("child \(child.id)")
        fflush(nil)
        kill(getpid(), SIGKILL)
      })
    let output = String(decoding: result.standardOutputContent, as: UTF8.self)
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("child ") })
    let child = try #require(Int32(line.dropFirst("child ".count)))
    #expect(try await eventually { kill(child, 0) != 0 && errno == ESRCH })
  }

  @Test("A child doesn't end with the thread that asked for it")
  func threadDeath() async throws {
    let child = try await NamedThread.run("short") { try ChildProcess("/bin/sleep", ["600"]) }
    // The thread is gone when its name is no longer among the process's.
    #expect(try await eventually { !ThreadNames.all().contains("short") })
    #expect(child.exit == nil)
    child.send(SIGKILL)
    #expect(await child.ended() == .killed(signal: SIGKILL))
  }

  @Test("A broker that can't start says why at once")
  func notReady() async throws {
    let directory = try TemporaryDirectory.make()
    let recipe = BrokerRecipe(
      executable: "/bin/sh", arguments: ["-c", "echo no disk; exit 3"], port: try LoopbackPort.free(),
      log: "\(directory)/log")
    let error = await #expect(throws: BrokerNode.NotReady.self) { try await BrokerNode(recipe, timeout: .seconds(20)) }
    #expect(error?.description.contains("no disk") == true)
  }

  @Test("What was acknowledged survives a kill -9", .broker(.durability))
  func durability() async throws {
    let kind = try #require(BrokerKind.here(with: [.durability]).first)
    let broker = try await Broker.own(kind)
    let topic = try await broker.makeTopic()
    let producer = try Producer(broker.configuration, deliveryTimeout: .seconds(120))
    _ = try await producer.send(OutgoingRecord(topic: topic, partition: 0, value: [1]))
    await broker.node.kill()
    async let second = producer.send(OutgoingRecord(topic: topic, partition: 0, value: [2]))
    try await broker.node.start()
    #expect(try await second.offset == 1)
    await producer.close()
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.value) == [[1], [2]])
    await broker.node.stop()
  }

  @Test(
    "noida-db keeps its data over an orderly stop",
    .enabled(if: BrokerKind.noida.location != nil || Environment.requiresBrokers, "needs noida-db"))
  func restart() async throws {
    let broker = try await Broker.own(.noida)
    let topic = try await broker.makeTopic()
    let producer = try Producer(broker.configuration)
    _ = try await producer.send(OutgoingRecord(topic: topic, partition: 0, value: [1]))
    await producer.close()
    await broker.node.stop()
    try await broker.node.start()
    #expect(try await broker.readAll(TopicPartition(topic, 0)).map(\.value) == [[1]])
    await broker.node.stop()
  }
}

enum FileSize {
  static func of(_ path: String) -> Int? {
    var what = stat()
    return stat(path, &what) == 0 ? Int(what.st_size) : nil
  }
}

enum ThreadNames {
  static func all() -> [String] {
    guard let folder = opendir("/proc/self/task") else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let id = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let file = open("/proc/self/task/\(id)/comm", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { continue }
      defer { close(file) }
      var bytes = [UInt8](repeating: 0, count: 32)
      let count = read(file, &bytes, bytes.count)
      names.append(String(decoding: bytes.prefix(max(0, count - 1)), as: UTF8.self))
    }
    return names
  }
}
