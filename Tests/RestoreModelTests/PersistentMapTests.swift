import RestoreModel
import Testing

@Suite("A map whose copies share") struct PersistentMapTests {
  /// All keys of one group have one hash; those of some groups differ in their highest bits only.
  private struct Key: Hashable, Sendable {
    var group: Int
    var number: Int

    // As long as it lasts for one process, any hash is a legal one.
    func hash(into hasher: inout Hasher) { hasher.combine(group) }
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test(
    "It holds what a dictionary holds, whatever is done to it and to its copies", arguments: 0..<20 as Range<UInt64>)
  func dictionary(seed: UInt64) {
    var random = Random(state: seed)
    var map: PersistentMap<Key, Int> = [:]
    var model: [Key: Int] = [:]
    var copies: [(map: PersistentMap<Key, Int>, model: [Key: Int])] = []
    let groups = [3, 40, 2000].randomElement(using: &random) ?? 3
    for step in 0..<3000 {
      let key = Key(group: .random(in: 0..<groups, using: &random), number: .random(in: 0..<4, using: &random))
      if Int.random(in: 0..<3, using: &random) == 0 {
        #expect(map.removeValue(forKey: key) == model.removeValue(forKey: key), "seed \(seed), step \(step)")
      } else {
        map[key] = step
        model[key] = step
      }
      #expect(map[key] == model[key] && map.count == model.count, "seed \(seed), step \(step)")
      if step.isMultiple(of: 300) { copies.append((map, model)) }
    }
    copies.append((map, model))
    for (map, model) in copies {
      #expect(map.count == model.count && map.isEmpty == model.isEmpty)
      #expect(Dictionary(uniqueKeysWithValues: map.map { ($0.key, $0.value) }) == model, "seed \(seed)")
      #expect(Set(map.keys) == Set(model.keys) && map.values.sorted() == model.values.sorted())
      for (key, value) in model { #expect(map[key] == value) }
    }
  }

  @Test("Maps are equal when their entries are, however they came about") func equality() {
    var one: PersistentMap<String, Int> = [:]
    var other: PersistentMap<String, Int> = [:]
    for number in 0..<200 { one["k\(number)"] = number }
    for number in (0..<300).reversed() { other["k\(number)"] = number }
    #expect(one != other)
    for number in 200..<300 { other["k\(number)"] = nil }
    #expect(one == other && one.hashValue == other.hashValue)
    other["k7"] = 8
    #expect(one != other)
    #expect(PersistentMap<String, Int>() == [:])
    #expect((["a": 1, "b": 2, "a": 3] as PersistentMap)["a"] == 3)
  }

  @Test("Emptied, it is as new; what isn't there can be removed") func emptied() {
    var map: PersistentMap<Int, String> = [:]
    for number in 0..<1000 { map[number] = "\(number)" }
    let full = map
    for number in 0..<1000 { map[number] = nil }
    #expect(map.isEmpty && map.map(\.key).isEmpty)
    #expect(map.removeValue(forKey: 1) == nil && map == [:])
    #expect(full.count == 1000 && full[999] == "999")
  }

  @Test("A value changes in place, the copy's doesn't") func inPlace() {
    var map: PersistentMap<String, [Int]> = ["a": [1]]
    let copy = map
    map["a"]?.append(2)
    map["b"]?.append(3)
    #expect(map["a"] == [1, 2] && map["b"] == nil && copy["a"] == [1])
  }
}
