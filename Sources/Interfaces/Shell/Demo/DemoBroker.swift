import CommandLineParser
import Glibc
import LocalBroker

/// The broker of the demo: one that is named, Apache Kafka from KAFKA_HOME, or noida-db.
struct DemoBroker: Sendable {
  let bootstrapServers: String
  /// Nil when it isn't ours.
  let node: BrokerNode?
  let name: String

  static func start(
    _ context: Context, _ folder: DemoFolder, _ say: @escaping @Sendable (String) -> Void
  ) async throws -> DemoBroker {
    if let servers = context.invocation.value("bootstrap-servers") {
      say("Using the cluster at \(servers).")
      return DemoBroker(bootstrapServers: servers, node: nil, name: "your cluster")
    }
    if let home = context.environment["KAFKA_HOME"], !home.isEmpty {
      say("Starting Apache Kafka from KAFKA_HOME (\(home)).")
      let node = try await ApacheKafkaBroker(home: home).start(directory: folder.file("broker"))
      return started(node, "Apache Kafka", say)
    }
    let binary = try await NoidaBinary.find(context.environment, log: folder.file("venv.log"), say)
    return started(
      try await NoidaBroker.start(binary: binary, directory: folder.file("broker")), "noida-db", say)
  }

  private static func started(_ node: BrokerNode, _ name: String, _ say: (String) -> Void) -> DemoBroker {
    say("\(name) answers on \(node.bootstrapServers).")
    return DemoBroker(bootstrapServers: node.bootstrapServers, node: node, name: name)
  }
}

/// noida-db's binary, out of a virtual environment that is made once.
enum NoidaBinary {
  static let version = "0.2.3"

  static func find(
    _ environment: [String: String], log: String, _ say: @Sendable (String) -> Void
  ) async throws -> String {
    if let named = environment["THAW_NOIDA_DB"], !named.isEmpty { return named }
    let cache = try environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home(environment) + "/.cache"
    let folder = "\(cache)/thaw/noida-db-\(version)"
    if let binary = binary(in: folder) { return binary }
    say("Fetching noida-db \(version), a small broker, from PyPI into \(folder) (once).")
    FileTree.makeFolders("\(cache)/thaw")
    // Made beside its place and moved there whole, so that two demos or an interrupted one leave nothing half-made.
    let fresh = "\(folder).\(getpid())"
    defer { _ = FileTree.remove(fresh) }
    try await run("python3", ["-m", "venv", fresh], environment, log, "python3 and python3-venv must be installed")
    try await run(
      "\(fresh)/bin/python",
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "noida-db==\(version)"], environment, log,
      "PyPI must be reachable; or name a broker with --bootstrap-servers or KAFKA_HOME")
    guard binary(in: fresh) != nil else {
      throw ShellFailure(.refused, "\(fresh): the package noida-db \(version) holds no broker for this machine")
    }
    rename(fresh, folder)
    guard let binary = binary(in: folder) else {
      throw ShellFailure(.refused, "\(folder): could not be made: \(String(cString: strerror(errno)))")
    }
    return binary
  }

  private static func home(_ environment: [String: String]) throws(ShellFailure) -> String {
    if let home = environment["HOME"], !home.isEmpty { return home }
    throw ShellFailure(.usage, "neither HOME nor XDG_CACHE_HOME is set, so there is no place for the demo's broker")
  }

  /// The wheel's own binary: the Python wrapper of that name would leave the broker running when it is killed.
  private static func binary(in folder: String) -> String? {
    for entry in FileTree.entries("\(folder)/lib") where entry.name.hasPrefix("python3") {
      let path = "\(folder)/lib/\(entry.name)/site-packages/noida_db/noida-db"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  private static func run(
    _ program: String, _ arguments: [String], _ environment: [String: String], _ log: String, _ hint: String
  ) async throws {
    guard let path = program.contains("/") ? program : Executable.find(program, environment) else {
      throw ShellFailure(.refused, "there is no \(program) on the PATH; \(hint)")
    }
    let child = try ChildProcess(path, arguments, environment: environment, output: log)
    let exit = await withTaskCancellationHandler {
      await child.ended()
    } onCancel: {
      child.send(SIGKILL)
    }
    try Task.checkCancellation()
    guard exit == .exited(code: 0) else {
      let said = (try? FileText.read(log)).map { String(decoding: $0.suffix(600), as: UTF8.self) } ?? ""
      throw ShellFailure(.refused, "\(program) \(arguments.joined(separator: " ")) failed; \(hint):\n\(said)")
    }
  }
}

enum Executable {
  static func find(_ name: String, _ environment: [String: String]) -> String? {
    for folder in (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  /// This very program.
  static func own() throws(ShellFailure) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw ShellFailure(.refused, "this program's own path can't be read from /proc/self/exe") }
    return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
