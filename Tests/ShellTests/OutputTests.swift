import ControlTopics
import RestoreModel
import Shell
import Testing

@Suite("What people read") struct OutputTests {
  @Test("Columns line up by display width, emoji and all") func table() async {
    let client = FakeControlClient([
      Samples.restore(.done), Samples.restore(.paused, name: "a-long-name"), Samples.restore(.draft, name: "b"),
    ])
    let result = await Session(client).run("get", "restores")
    #expect(
      result.out == """
        NAME          STATUS     AGE
        a-long-name   ⏸ Paused   90s
        b             📝 Draft   90s
        orders        ✅ Done    90s

        """)
    #expect(result.code == .done)
  }

  @Test("The wide table adds progress, verification and both ends") func wide() async {
    let restore = Samples.restore(
      .done, conditions: [Samples.condition(.verified, .true, "DigestsMatch")], progress: Samples.progress(10, of: 10))
    let result = await Session(FakeControlClient([restore])).run("get", "restore", "orders", "-o", "wide")
    #expect(
      result.out == """
        NAME     STATUS    PROGRESS   VERIFIED   SOURCE    SINK      AGE
        orders   ✅ Done   100%       True       archive   cluster   90s

        """)
  }

  @Test("Watched, a row comes with every change: percent, records, bytes, rate, time left; and a deletion on its way")
  func watched() async {
    let half = Samples.progress(2_500, of: 5_000, bytes: 1000, perSecond: 100)
    let client = FakeControlClient(
      [Samples.restore(.initializing)],
      then: [
        [Samples.restore(.restoring, progress: half)],
        [Samples.restore(.restoring, stopping: .deleting, progress: half)],
        [],
      ])
    let result = await Session(client).run("get", "restores", "-w")
    #expect(
      result.out == """
        NAME     STATUS            AGE   PROGRESS
        orders   ⏳ Initializing   90s   -
        orders   🚀 Restoring      90s   50%  2,500 of 5,000 records  2.5 MB of 5.0 MB  100 kB/s  25s left
        orders   🚀 Restoring (Deleting)   90s   50%  2,500 of 5,000 records  2.5 MB of 5.0 MB  100 kB/s  25s left

        """)
    #expect(result.error == "thaw: restores/default/orders was deleted\n")
    let once = await Session(FakeControlClient([Samples.restore(.restoring, stopping: .deleting)])).run(
      "get", "restores")
    #expect(once.out == "NAME     STATUS                    AGE\norders   🚀 Restoring (Deleting)   90s\n")
  }

  @Test("A field is explained with its type, its default, its bounds and what is below") func explain() async {
    let session = Session()
    #expect(
      await session.run("explain", "restore.spec.config.topics[0].partitions").out == """
        KIND:     Restore
        VERSION:  kannika.io/v1alpha

        FIELD: partitions <[]object>

        DESCRIPTION:
            Absent: every partition, whole. Else partitions that are not listed are not
            restored; unique by number

        FIELDS:
          number <integer> -required-
            Of the partition
            RANGE: 0 to 2147483647

          restoreFromOffset <integer>
            Inclusive; absent: from the first
            RANGE: at least 0

          restoreUntilOffset <integer>
            Exclusive; absent: to the last
            RANGE: at least 0

        """)
    let verify = await session.run("explain", "restores.spec.config.verify").out
    #expect(verify.hasSuffix("DEFAULT: digest\nVALUES: digest, count, none\n"), "\(verify)")
    let mapping = await session.run("explain", "rs.spec.config").out
    #expect(mapping.contains("  mapping <map[string]string or object>\n    Deprecated. "), "\(mapping)")
    #expect(
      await session.run("explain", "storage.spec").out.contains("FIELDS (exactly one of them):\n  volume <object>"))
    #expect(await session.run("explain", "restore.status.phase").out.contains("VALUES: Draft, Ready, Invalid"))
    let unknown = await session.run("explain", "restore.spec.config.topic")
    #expect(unknown.code == .notFound && unknown.out.isEmpty)
    #expect(unknown.error == "thaw: restore.spec.config has no field \"topic\"; did you mean \"topics\"?\n")
    #expect(await session.run("explain", "pods").code == .usage)
  }

  @Test("Every field of every kind is described") func described() throws {
    func undescribed(_ field: SchemaField, at path: String) -> [String] {
      (field.description?.isEmpty ?? true ? [path] : [])
        + field.fields.flatMap { undescribed($0, at: "\(path).\($0.name)") }
    }
    for kind in ResourceKind.allCases {
      let document = try #require(try ContractSchema().document(kind))
      let spec = try #require(document.field("spec"))
      #expect(undescribed(spec, at: kind.rawValue) == [])
      #expect(document.fields.allSatisfy { $0.description != nil })
    }
  }

  @Test("Names alone are keys") func names() async {
    let client = FakeControlClient([Samples.restore(.done), Samples.storage("archive")])
    #expect(await Session(client).run("get", "storage", "-o", "name").out == "storages/default/archive\n")
  }

  @Test("One document as JSON is the document itself, several are a List") func json() async {
    let client = FakeControlClient([Samples.restore(.ready)])
    let one = await Session(client).run("get", "restore", "orders", "-o", "json").out
    #expect(one.hasPrefix("{\n  \"apiVersion\": \"kannika.io/v1alpha\",\n  \"kind\": \"Restore\""))
    #expect(one.contains("\"phase\": \"Ready\""))
    let all = await Session(client).run("get", "restores", "-o", "yaml").out
    #expect(all.contains("kind: RestoreList\n"))
    #expect(all.contains("items:\n"))
  }

  @Test(
    "Figures read as people write them",
    arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")] as [(Int64, String)])
  func count(value: Int64, text: String) { #expect(Figure.count(value) == text) }

  @Test(
    "Bytes scale by thousands",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345_678, "12.3 MB"), (999_960, "1.0 MB"),
      (250_000_000_000, "250 GB"),
    ] as [(Int64, String)])
  func bytes(value: Int64, text: String) { #expect(Figure.bytes(value) == text) }

  @Test(
    "Ages are kubectl's",
    arguments: [
      (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (3600, "60m"), (12_000, "3h20m"), (86_400, "24h"),
      (200_000, "2d7h"), (864_000, "10d"), (100_000_000, "3y62d"),
    ] as [(Int64, String)])
  func age(seconds: Int64, text: String) { #expect(Figure.span(seconds: seconds) == text) }

  @Test(
    "A description ends with the next sensible command",
    arguments: [
      (Phase.draft, "thaw map orders"), (.ready, "thaw enable orders"), (.restoring, "thaw wait orders --for Done"),
      (.paused, "thaw resume orders"), (.failed, "thaw retry orders"), (.invalid, "thaw apply -f FILE"),
    ])
  func nextStep(phase: Phase, command: String) async {
    let client = FakeControlClient([Samples.restore(phase, enabled: phase != .ready)])
    let lines = await Session(client).run("describe", "restore", "orders").out.split(separator: "\n")
    #expect(lines.last?.hasPrefix("Next: ") == true)
    #expect(lines.last?.contains(command) == true)
  }

  @Test("A description tells what became of stored batches, topic by topic, and nothing where none were sent")
  func batches() async {
    var progress = Samples.progress(10, of: 10)
    let without = await Session(FakeControlClient([Samples.restore(.restoring, progress: progress)])).run(
      "describe", "restore", "orders"
    ).out
    #expect(!without.contains("BATCHES"))
    progress.topics[0].figures.batches.unopened = 1204
    progress.topics[0].figures.batches.merged = 31
    progress.topics[0].figures.batches.opened = [.gaps: 1000, .bounds: 2, .codec: 0]
    progress.topics.append(TopicProgress(target: "invoices"))
    let out = await Session(FakeControlClient([Samples.restore(.restoring, progress: progress)])).run(
      "describe", "restore", "orders"
    ).out
    #expect(
      out.contains(
        """
          TARGET        LANE   STATE       RESTORED   FILTERED   TOTAL   BATCHES
          orders-copy   -      restoring   10         0          10      1,204 unopened, 31 merged, 1,002 opened (bounds 2, gaps 1,000)
          invoices      -      waiting     0          0          0       -

        """), "\(out)")
  }

  @Test("A description tells conditions and the latest events") func describe() async {
    let restore = Samples.restore(
      .failed, conditions: [Samples.condition(.failed, .true, "SinkUnreachable", "no broker answered")])
    let out = await Session(FakeControlClient([restore])).run("describe", "restore", "orders").out
    #expect(out.contains("Status:       ❌ Failed\n"))
    #expect(out.contains("  Failed   True     SinkUnreachable   90s   no broker answered\n"))
    #expect(out.contains("      0  2021-01-01T00:00:00.000Z  TopicMapped           orders → orders-copy\n"))
  }
}
