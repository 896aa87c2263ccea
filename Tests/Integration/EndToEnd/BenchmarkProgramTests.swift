import LocalBroker
import TestSupport
import Testing

@Suite("The benchmark's program")
struct BenchmarkProgramTests {
  private func run(_ arguments: [String]) async throws -> Program.Ended {
    let folder = try TemporaryDirectory.make("bench")
    defer { TemporaryDirectory.remove(folder) }
    return try await Program.bench.run(arguments + ["--directory", folder])
  }

  @Test("A row is measured and printed beside what it is compared with", .broker(.durability))
  func row() async throws {
    let broker = try await Broker.shared(.apache)
    let process = try #require(broker.node.processID)
    let ended = try await run([
      "--rows", "lz4-1k", "--rounds", "1", "--megabytes", "1", "-b", broker.bootstrapServers, "--broker-pid",
      "\(process)",
    ])
    #expect(ended.code == 0, "\(ended.output) \(ended.errors)")
    let lines = ended.lines.map { $0.split(separator: " ").map(String.init) }
    let row = try #require(lines.first { $0.first == "lz4-1k" }, "\(ended.output)")
    try #require(row.count > 3, "\(row)")
    #expect(row[1] == "engine")
    #expect(Double(row[2]).map { $0 > 0 } == true, "\(row)")
    #expect(row[3].split(separator: "–").compactMap { Double($0) }.count == 2, "\(row)")
    #expect(row.contains("≥"))
    // Batches sent on whole, merged, and opened.
    let batches = row.suffix(3).compactMap { word in Int(word.last == "," ? word.dropLast() : word[...]) }
    #expect(batches.count == 3 && batches[0] > 0, "\(row)")
    #expect(lines.contains { $0.starts(with: ["batches", "alone"]) }, "\(ended.output)")
  }

  @Test("What is not compared with the C has tables of its own", .broker(.durability))
  func tables() async throws {
    let broker = try await Broker.shared(.apache)
    let ended = try await run([
      "--rows", "per-record,copy,reading,memory,first", "--quick", "--rounds", "1", "--megabytes", "1", "-b",
      broker.bootstrapServers,
    ])
    #expect(ended.code == 0, "\(ended.output) \(ended.errors)")
    let lines = ended.lines.map { $0.split(separator: " ").map(String.init) }
    #expect(lines.contains { $0.starts(with: ["per-record", "engine"]) }, "\(ended.output)")
    #expect(lines.count { $0.starts(with: ["zstd,", "100", "B"]) } == 2, "copy and reading: \(ended.output)")
    // Lines of numbers: archives of 1 MB and of 4 with their records and the peak, then 10 segments and 100.
    let rows = lines.filter { line in line.first.flatMap { Int($0) } != nil }
    #expect(rows.map(\.first) == ["1", "4", "10", "100"], "\(ended.output)")
    for row in rows { #expect(row.dropFirst().allSatisfy { $0 != "–" && Double($0) != 0 }, "\(ended.output)") }
  }

  @Test("Batches of different sizes are compared as they are and put together", .broker(.durability))
  func batchSizes() async throws {
    let broker = try await Broker.shared(.apache)
    let ended = try await run([
      "--rows", "batch-sizes", "--quick", "--rounds", "1", "--megabytes", "1", "-b", broker.bootstrapServers,
    ])
    #expect(ended.code == 0, "\(ended.output) \(ended.errors)")
    let rows = ended.lines.map { $0.split(separator: " ").map(String.init) }.filter { $0.dropFirst().first == "KiB" }
    // A table for each codec; the smallest batches are put together too, the largest are not.
    let smallest = rows.filter { $0.first == "4" }
    #expect(smallest.count == 3 && smallest.allSatisfy { $0.count == 8 }, "\(ended.output)")
    let largest = rows.filter { $0.first == "512" }
    #expect(largest.count == 3 && largest.allSatisfy { $0.count == 5 }, "\(ended.output)")
  }

  @Test("A row that there isn't is refused, and so is a benchmark without a broker")
  func refusals() async throws {
    let row = try await run(["--rows", "zstd-100,everything"])
    #expect(row.code == 1)
    #expect(row.output.contains("there is no row 'everything'; there are noise, zstd-100"), "\(row.output)")
    let broker = try await run(["--rows", "noise"])
    #expect(broker.code == 1)
    #expect(broker.output.contains("KAFKA_HOME"), "\(broker.output)")
  }
}
