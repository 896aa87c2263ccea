import Testing

@Suite("The house") struct ArchitectureTests {
  @Test("Every source file keeps the rules") func sources() throws {
    let files = try SourceTree.files(below: "Sources").filter { $0.hasSuffix(".swift") }
    #expect(files.count > 50)
    for path in files {
      guard let module = SourceTree.module(of: path) else {
        Issue.record("\(path) belongs to no target")
        continue
      }
      let violations = Checker.violations(module: module, path: path, source: try SourceTree.read(path))
      for violation in violations { Issue.record("\(violation)") }
    }
  }

  @Test("Every target of the package has its rules, and every rule a target") func targets() throws {
    let manifest = Manifest(try SourceTree.read("Package.swift"))
    #expect(Set(manifest.targets.keys) == Set(HouseRules.rooms.keys))
  }

  @Test("The package declares no arrow that the rules don't have") func arrows() throws {
    for (target, dependencies) in Manifest(try SourceTree.read("Package.swift")).targets {
      for dependency in dependencies {
        #expect(HouseRules.mayImport(target, dependency), "Package.swift lets \(target) import \(dependency)")
      }
    }
  }

  @Test("Every folder of Sources is a target") func folders() throws {
    let modules = Set(try SourceTree.files(below: "Sources").compactMap(SourceTree.module))
    #expect(modules == Set(HouseRules.rooms.keys))
  }

  @Test("Arrows point down") func down() throws {
    for (name, room) in HouseRules.rooms {
      for imported in room.imports {
        let other = try #require(HouseRules.rooms[imported], "\(name) may import \(imported), which doesn't exist")
        #expect(other.wing <= room.wing, "\(name) must not stand on \(imported)")
      }
    }
  }

  @Test("Each C library is imported where it is bound, and nowhere else") func owners() {
    for (name, room) in HouseRules.rooms where room.wing == .c {
      let importers = Set(HouseRules.rooms.filter { $0.value.imports.contains(name) }.keys)
      #expect(importers == HouseRules.owners[name])
    }
  }

  @Test("The model imports nothing, and the control plane never reaches Kafka") func pure() {
    #expect(HouseRules.rooms["RestoreModel"]?.imports.isEmpty == true)
    #expect(!reachable(from: "ControlPlane").contains("Kafka"))
    #expect(!reachable(from: "ControlPlane").contains("CLibrdkafka"))
    #expect(!reachable(from: "ControlTopics").contains("Threads"))
    #expect(reachable(from: "KafkaLog").contains("CLibrdkafka"))
  }

  private func reachable(from module: String) -> Set<String> {
    var found: Set<String> = []
    var pending = [module]
    while let next = pending.popLast() {
      for imported in HouseRules.rooms[next]?.imports ?? [] where found.insert(imported).inserted {
        pending.append(imported)
      }
    }
    return found
  }
}

@Suite("The checker bites") struct CheckerTests {
  private func violations(_ source: String, module: String = "ControlPlane") -> [String] {
    Checker.violations(module: module, path: "F.swift", source: source)
  }

  @Test(
    "A forbidden import is found however it is written",
    arguments: [
      "import Kafka", "package import Kafka", "  @preconcurrency import Kafka", "@_exported public import Kafka",
      "import struct Kafka.Record",
      "import Kafka.Sub", "import Threads; import Kafka", "import Threads // x\nimport Kafka // y",
      "/* a */ import Kafka",
      "/* /* */ import Threads */import Kafka", "#if true\n  import Kafka\n#endif",
      "let text = \"\\(\"x\")\"\nimport Kafka",
      "let text = #\"\"\"#\nimport Kafka", "let quote = \"\\\"\"\nimport Kafka",
    ]) func imports(source: String)
  {
    #expect(violations(source) == ["F.swift: ControlPlane must not import Kafka"])
  }

  @Test(
    "Only code counts: comments and strings may say what they like",
    arguments: [
      "// import Kafka", "/* import Kafka\n try! */", "/// fatalError(",
      "let text = \"\"\"\n  import Kafka\n  try! as!\n  \"\"\"",
      "let text = #\"\"try! \\(fatalError()) as!\"#", "import Threads\nimport Glibc", "let important = 1", "retry!",
      "func x() { myfatalError() }",
      "let bias! = 1",
    ]) func innocent(source: String)
  {
    #expect(violations(source) == [])
  }

  @Test("A word that ends the process is found, in an interpolation, too", arguments: HouseRules.forbidden.map(\.word))
  func forbidden(word: String) {
    for source in [
      "let x = (\(word) y)", "\(word)", "let x = \"a\\(\(word) y)b\"", "let x = #\"a\\#(\(word) y))\"#", "x{\(word)",
    ] {
      #expect(violations(source).count == 1, "\(source)")
    }
  }

  @Test("Foundation is found in any module", arguments: HouseRules.rooms.keys.sorted()) func foundation(module: String)
  {
    #expect(violations("import Foundation", module: module).count == 1)
    #expect(violations("import FoundationEssentials", module: module).count == 1)
  }

  @Test("The model may not even import the system") func model() {
    #expect(violations("import Glibc", module: "RestoreModel").count == 1)
    #expect(violations("import Glibc", module: "Kafka").isEmpty)
  }

  @Test("A module without rules may import nothing") func unknown() {
    #expect(violations("import Glibc", module: "Nobody").count == 1)
  }

  @Test("A file that is too long is found, and one that is just short enough is not") func length() {
    #expect(violations(String(repeating: "\n", count: 400)).count == 1)
    #expect(violations(String(repeating: "\n", count: 399)).isEmpty)
  }

  @Test("The manifest is understood") func manifest() {
    let targets = Manifest(
      """
      func system(_ name: String) -> Target { .systemLibrary(name: name, path: "Sources/C/\\(name)") }
      func room(_ wing: String) -> Target { .target(name: name, path: "Sources/\\(wing)/\\(name)") }
      let package = Package(targets: [
        system("CX", pkgConfig: "x"),
        .target(name: "CY", path: "Sources/C/CY", publicHeadersPath: "include"),
        room("Wing", "A"), room("Wing", "B", ["A",
          "CX"]),
        .executableTarget(name: "run", dependencies: ["A", "B"], path: "Sources/run"),
        .target(name: "Help", dependencies: ["A"], path: "Tests/Help"),
        tests("ATests", ["A"]),
      ])
      """
    ).targets
    #expect(targets == ["CX": [], "CY": [], "A": [], "B": ["A", "CX"], "run": ["A", "B"]])
  }
}
