/// A dictionary whose copies share what they have in common: a copy costs nothing, a change of one entry a few small nodes, however many
/// there are. A decision is taken on a copy of the whole state, and so is what a transaction is compared with.
///
/// A hash array mapped trie (Bagwell 2001): each level spends five bits of the key's hash. Nodes that nobody else holds are changed in place.
///
/// Public, since only what is public is compiled anew for another module's types; through witness tables it takes twice as long.
public struct PersistentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  @usableFromInline var root = Node()
  @usableFromInline var entries = 0

  @inlinable public init() {}

  @inlinable public var count: Int { entries }
  @inlinable public var isEmpty: Bool { entries == 0 }

  @inlinable public subscript(key: Key) -> Value? {
    get { root.leaf(key, Self.hash(key))?.value }
    set {
      guard let newValue else {
        removeValue(forKey: key)
        return
      }
      own()
      if root.put(Leaf(key, newValue, Self.hash(key)), level: 0) { entries += 1 }
    }
  }

  @inlinable @discardableResult public mutating func removeValue(forKey key: Key) -> Value? {
    let hash = Self.hash(key)
    // Looked up first, so that nothing is copied for a key that isn't there.
    guard let leaf = root.leaf(key, hash) else { return nil }
    own()
    root.remove(key, hash, level: 0)
    entries -= 1
    return leaf.value
  }

  @inlinable mutating func own() {
    if !isKnownUniquelyReferenced(&root) { root = root.copy() }
  }

  @inlinable static func hash(_ key: Key) -> UInt { UInt(bitPattern: key.hashValue) }
}

extension PersistentMap {
  /// One entry; those of equal hashes form a list.
  @usableFromInline final class Leaf: Sendable {
    @usableFromInline let key: Key
    @usableFromInline let value: Value
    @usableFromInline let hash: UInt
    @usableFromInline let next: Leaf?

    @inlinable init(_ key: Key, _ value: Value, _ hash: UInt, next: Leaf? = nil) {
      self.key = key
      self.value = value
      self.hash = hash
      self.next = next
    }

    @inlinable func find(_ key: Key) -> Leaf? {
      var leaf: Leaf? = self
      while let found = leaf {
        if found.key == key { return found }
        leaf = found.next
      }
      return nil
    }

    @inlinable func without(_ key: Key) -> Leaf? {
      guard self.key != key else { return next }
      return Leaf(self.key, value, hash, next: next?.without(key))
    }
  }

  /// Either an entry or a node of the next level.
  @usableFromInline struct Slot: Sendable {
    @usableFromInline var leaf: Leaf?
    @usableFromInline var node: Node?

    @inlinable init(leaf: Leaf? = nil, node: Node? = nil) {
      self.leaf = leaf
      self.node = node
    }
  }

  /// Changed only by whoever holds its only reference, as any copy-on-write buffer is.
  @usableFromInline final class Node: @unchecked Sendable {
    /// Which of the 32 slots are there.
    @usableFromInline var map: UInt32
    @usableFromInline var slots: [Slot]

    @inlinable init(map: UInt32 = 0, slots: [Slot] = []) {
      self.map = map
      self.slots = slots
    }

    @inlinable func copy() -> Node { Node(map: map, slots: slots) }

    @inlinable static func bit(_ hash: UInt, _ level: UInt) -> UInt32 { 1 << UInt32((hash >> (5 * level)) & 31) }
    @inlinable func index(_ bit: UInt32) -> Int { (map & (bit - 1)).nonzeroBitCount }

    @inlinable func leaf(_ key: Key, _ hash: UInt) -> Leaf? {
      var (node, level): (Node, UInt) = (self, 0)
      while true {
        let bit = Self.bit(hash, level)
        guard node.map & bit != 0 else { return nil }
        let slot = node.slots[node.index(bit)]
        guard let child = slot.node else { return slot.leaf?.hash == hash ? slot.leaf?.find(key) : nil }
        (node, level) = (child, level + 1)
      }
    }

    /// True if the key is new. Two different hashes part at the 13th level at the latest.
    @inlinable func put(_ leaf: Leaf, level: UInt) -> Bool {
      let bit = Self.bit(leaf.hash, level)
      let index = index(bit)
      guard map & bit != 0 else {
        map |= bit
        slots.insert(Slot(leaf: leaf), at: index)
        return true
      }
      if let child = ownChild(index) { return child.put(leaf, level: level + 1) }
      guard let old = slots[index].leaf else { return false }
      guard old.hash == leaf.hash else {
        let child = Node()
        _ = child.put(old, level: level + 1)
        _ = child.put(leaf, level: level + 1)
        slots[index] = Slot(node: child)
        return true
      }
      slots[index].leaf = Leaf(leaf.key, leaf.value, leaf.hash, next: old.without(leaf.key))
      return old.find(leaf.key) == nil
    }

    /// The key must be there.
    @inlinable func remove(_ key: Key, _ hash: UInt, level: UInt) {
      let bit = Self.bit(hash, level)
      let index = index(bit)
      if let child = ownChild(index) {
        child.remove(key, hash, level: level + 1)
        // A chain of single entries would never get shorter again.
        if child.slots.count == 1, let only = child.slots[0].leaf { slots[index] = Slot(leaf: only) }
      } else if let rest = slots[index].leaf?.without(key) {
        slots[index].leaf = rest
      } else {
        map &= ~bit
        slots.remove(at: index)
      }
    }

    @inlinable func ownChild(_ index: Int) -> Node? {
      if slots[index].node != nil, !isKnownUniquelyReferenced(&slots[index].node) {
        slots[index].node = slots[index].node?.copy()
      }
      return slots[index].node
    }
  }
}
