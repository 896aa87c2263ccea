/// First in, first out, without moving what is left each time.
struct Fifo<Element> {
  private var elements: [Element] = []
  private var head = 0

  var isEmpty: Bool { head == elements.count }
  var first: Element? { isEmpty ? nil : elements[head] }
  /// In order.
  var all: ArraySlice<Element> { elements[head...] }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func prepend(_ more: [Element]) {
    elements.replaceSubrange(..<head, with: more)
    head = 0
  }

  mutating func popFirst() -> Element? {
    guard let element = first else { return nil }
    head += 1
    // Each element is moved once at most.
    if head >= 32, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  mutating func removeAll() { (elements, head) = ([], 0) }
}
