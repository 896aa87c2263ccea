extension PersistentMap: Sequence {
  public typealias Element = (key: Key, value: Value)

  /// In no particular order, which is another one in each process.
  public struct Iterator: IteratorProtocol {
    fileprivate var levels: [(slots: [Slot], next: Int)]
    fileprivate var chain: Leaf?

    public mutating func next() -> Element? {
      if let leaf = chain {
        chain = leaf.next
        return (leaf.key, leaf.value)
      }
      while let (slots, index) = levels.last {
        guard index < slots.count else {
          levels.removeLast()
          continue
        }
        levels[levels.count - 1].next += 1
        if let node = slots[index].node {
          levels.append((node.slots, 0))
        } else if let leaf = slots[index].leaf {
          chain = leaf.next
          return (leaf.key, leaf.value)
        }
      }
      return nil
    }
  }

  public func makeIterator() -> Iterator { Iterator(levels: [(root.slots, 0)], chain: nil) }

  public var underestimatedCount: Int { count }

  public var keys: some Sequence<Key> { lazy.map(\.key) }
  public var values: some Sequence<Value> { lazy.map(\.value) }
}

extension PersistentMap: Equatable where Value: Equatable {
  public static func == (one: Self, other: Self) -> Bool {
    one.count == other.count && one.allSatisfy { other[$0.key] == $0.value }
  }
}

extension PersistentMap: Hashable where Value: Hashable {
  public func hash(into hasher: inout Hasher) {
    // Entries have no order, so their hashes are combined by an operation that commutes.
    var combined = 0
    for (key, value) in self {
      var entry = Hasher()
      entry.combine(key)
      entry.combine(value)
      combined ^= entry.finalize()
    }
    hasher.combine(count)
    hasher.combine(combined)
  }
}

extension PersistentMap: ExpressibleByDictionaryLiteral {
  /// The last of two equal keys wins.
  public init(dictionaryLiteral elements: (Key, Value)...) {
    self.init()
    for (key, value) in elements { self[key] = value }
  }
}
