import Glibc
import Threads

/// Apache Kafka out of an unpacked distribution: KRaft nodes on 127.0.0.1. It needs `libs/*.jar` and a java of version 17
/// or newer.
package struct ApacheKafkaBroker: Sendable {
  package struct Unusable: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  package enum Machine: Sendable {
    /// Starts quickly and is small.
    case brief
    /// As Kafka's own start script has it, with a heap of 1 GB: to be measured.
    case production
  }

  /// The folder with `libs/`.
  package var home: String
  package var java: String
  /// Broker properties over the ones written here.
  package var properties: [String: String]
  package var machine = Machine.brief

  package init(home: String, java: String? = nil, properties: [String: String] = [:]) throws(Unusable) {
    self.home = home
    self.properties = properties
    guard let java = java ?? Self.findJava() else { throw Unusable(description: "no java on PATH (17 or newer)") }
    self.java = java
    guard !jars.isEmpty else { throw Unusable(description: "no libs/*.jar in \(home)") }
  }

  /// Formats `directory` when it is new, then starts a node on it. The first start on a machine takes some seconds longer.
  package func start(directory: String, port: UInt16? = nil, timeout: Duration = .seconds(90)) async throws
    -> BrokerNode
  {
    let ports = try LoopbackPort.free(2)
    return try await start(
      directory: directory, KafkaSeat(number: 1, port: port ?? ports[0], controllers: [ports[1]]), timeout: timeout)
  }

  /// The same for one node of several.
  func start(directory: String, _ seat: KafkaSeat, timeout: Duration) async throws -> BrokerNode {
    let broker = self
    let prepared = try await NamedThread.run("kafka-format") { try broker.prepare(directory, seat) }
    if let format = prepared {
      let child = try ChildProcess(java, format, output: "\(directory)/format.log")
      guard await child.ended() == .exited(code: 0) else {
        throw Unusable(description: "formatting failed; see \(directory)/format.log")
      }
    }
    return try await BrokerNode(
      BrokerRecipe(
        executable: java,
        arguments: machineArguments(heap: seat.copies > 1 ? "-Xmx256m" : "-Xmx512m", directory) + [
          "-Dlog4j2.configurationFile=\(directory)/log4j2.properties", "-cp", classPath, "kafka.Kafka",
          "\(directory)/server.properties",
        ], port: seat.port, log: "\(directory)/server.log"), timeout: timeout)
  }

  /// Writes the configuration; returns the arguments of the formatting call if the directory needs one.
  private func prepare(_ directory: String, _ seat: KafkaSeat) throws -> [String]? {
    mkdir(directory, 0o755)
    let settings = settings(directory, seat)
    try Self.write(
      settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined(),
      to: "\(directory)/server.properties")
    try Self.write(Self.logging, to: "\(directory)/log4j2.properties")
    guard access("\(directory)/data/meta.properties", F_OK) != 0 else { return nil }
    return virtualMachine(heap: "-Xmx256m", directory) + [
      "-Dlog4j2.configurationFile=\(directory)/log4j2.properties", "-cp", classPath, "kafka.tools.StorageTool",
      "format", "-t", "VGhhd1Rlc3RDbHVzdGVyMQ", "-c", "\(directory)/server.properties",
    ]
  }

  private func settings(_ directory: String, _ seat: KafkaSeat) -> [String: String] {
    let (port, copies, safe) = (seat.port, "\(seat.copies)", "\(seat.safeCopies)")
    var settings = [
      "process.roles": "broker,controller", "node.id": "\(seat.number)",
      "controller.quorum.voters": seat.voters, "controller.listener.names": "CONTROLLER",
      "inter.broker.listener.name": "PLAIN",
      "listeners": "PLAIN://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(seat.controller)",
      "advertised.listeners": "PLAIN://127.0.0.1:\(port)",
      "listener.security.protocol.map": "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "log.dirs": "\(directory)/data", "auto.create.topics.enable": "false",
      "default.replication.factor": copies, "min.insync.replicas": safe,
      "offsets.topic.replication.factor": copies,
      "offsets.topic.num.partitions": "\(ApacheKafkaCluster.coordinatorPartitions)",
      "transaction.state.log.replication.factor": copies, "transaction.state.log.min.isr": safe,
      "transaction.state.log.num.partitions": "\(ApacheKafkaCluster.coordinatorPartitions)",
      "group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "1000",
      "broker.heartbeat.interval.ms": "500", "broker.session.timeout.ms": "3000",
      "log.cleaner.dedupe.buffer.size": "16777216", "log.cleaner.backoff.ms": "500",
      "log.retention.check.interval.ms": "1000", "log.initial.task.delay.ms": "1000",
      "num.network.threads": "2", "num.io.threads": "4", "controlled.shutdown.enable": "true",
    ]
    if !isRelease3 {
      settings["share.coordinator.state.topic.replication.factor"] = copies
      settings["share.coordinator.state.topic.min.isr"] = "1"
      settings["share.coordinator.state.topic.num.partitions"] = "1"
    }
    return settings.merging(properties) { $1 }
  }

  /// Short-lived brokers start fastest with one compiler tier and the simplest collector. The libraries that Kafka unpacks, and what the machine
  /// measures of itself, would outlive a killed broker in /tmp.
  private func virtualMachine(heap: String, _ directory: String) -> [String] {
    [
      heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Djava.awt.headless=true",
      "-Djava.io.tmpdir=\(directory)", "-XX:-UsePerfData",
    ]
  }

  private func machineArguments(heap: String, _ directory: String) -> [String] {
    switch machine {
    case .brief: virtualMachine(heap: heap, directory)
    case .production:
      [
        "-server", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
        "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-Djava.awt.headless=true",
        "-Djava.io.tmpdir=\(directory)", "-XX:-UsePerfData",
      ]
    }
  }

  private var isRelease3: Bool { jars.contains { $0.contains("/kafka-clients-3") } }

  private var classPath: String { jars.joined(separator: ":") }

  private var jars: [String] {
    guard let folder = opendir("\(home)/libs") else { return [] }
    defer { closedir(folder) }
    var jars: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".jar") { jars.append("\(home)/libs/\(name)") }
    }
    return jars.sorted()
  }

  private static let logging = """
    appenders = out
    appender.out.type = Console
    appender.out.name = out
    appender.out.layout.type = PatternLayout
    appender.out.layout.pattern = [%d] %p %m (%c)%n
    rootLogger.level = WARN
    rootLogger.appenderRefs = out
    rootLogger.appenderRef.out.ref = out

    """

  private static func findJava() -> String? {
    let home = getenv("JAVA_HOME").map { ["\(String(cString: $0))/bin"] } ?? []
    let path = getenv("PATH").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    return (home + path).map { "\($0)/java" }.first { access($0, X_OK) == 0 }
  }

  private static func write(_ text: String, to path: String) throws(Unusable) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Unusable(description: "\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard written > 0 else { throw Unusable(description: "\(path): \(String(cString: strerror(errno)))") }
      bytes = bytes.dropFirst(written)
    }
  }
}
