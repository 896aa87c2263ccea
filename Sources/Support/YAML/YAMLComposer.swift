import JSON

/// Builds documents from events.
struct YAMLComposer: ~Copyable {
  private struct Node {
    var value: JSONValue
    var layout: YAMLLayout
    /// Its share of `YAMLLimits.expanded`.
    var weight: Int
  }

  private var events: YAMLEvents
  private let limits: YAMLLimits
  /// Complete nodes only, so that no alias can stand inside what it stands for.
  private var anchors: [String: Node] = [:]
  private var expanded = 0

  init(_ bytes: [UInt8], limits: YAMLLimits) throws(YAMLError) {
    events = try YAMLEvents(bytes)
    self.limits = limits
  }

  mutating func documents() throws(YAMLError) -> [YAMLDocument] {
    var documents: [YAMLDocument] = []
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return documents
      case .streamStart, .documentEnd: continue
      case .documentStart:
        anchors = [:]
        let root = try events.next()
        if case .scalar(let scalar, let properties) = root.kind, scalar.isPlain, scalar.text.isEmpty,
          properties.tag == nil
        {
          continue
        }
        let node = try node(root, depth: 0)
        documents.append(YAMLDocument(value: node.value, layout: node.layout))
      default: throw YAMLError(event.position, "no document begins here")
      }
    }
  }

  private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(YAMLError) -> Node {
    guard depth <= limits.depth else {
      throw YAMLError(event.position, "lists and mappings stand more than \(limits.depth) deep in each other")
    }
    switch event.kind {
    case .alias(let name):
      guard let node = anchors[name] else {
        throw YAMLError(event.position, "no anchor \(FieldPath.quoted(name)) stands complete before this alias")
      }
      // Aliases share what they stand for, but whoever writes the value out, or walks it, pays for each.
      try count(node.weight, event.position)
      return node
    case .scalar(let scalar, let properties):
      let value = try YAMLScalar.value(scalar, tag: properties.tag, event.position)
      let weight = 1 + scalar.text.utf8.count
      try count(weight, event.position)
      return keep(
        Node(value: value, layout: YAMLLayout(position: event.position, parts: .none), weight: weight), properties)
    case .sequenceStart(let properties):
      try YAMLScalar.check(tag: properties.tag, is: "seq", event.position)
      return keep(try sequence(event.position, depth: depth), properties)
    case .mappingStart(let properties):
      try YAMLScalar.check(tag: properties.tag, is: "map", event.position)
      return keep(try mapping(event.position, depth: depth), properties)
    default: throw YAMLError(event.position, "no value begins here")
    }
  }

  private mutating func keep(_ node: Node, _ properties: YAMLEvents.Properties) -> Node {
    if let anchor = properties.anchor { anchors[anchor] = node }
    return node
  }

  private mutating func count(_ weight: Int, _ position: YAMLPosition) throws(YAMLError) {
    expanded += weight
    guard expanded <= limits.expanded else {
      throw YAMLError(position, "the document is larger than \(limits.expanded) bytes when its aliases are replaced")
    }
  }

  private mutating func sequence(_ position: YAMLPosition, depth: Int) throws(YAMLError) -> Node {
    try count(1, position)
    var elements: [JSONValue] = []
    var layouts: [YAMLLayout] = []
    var weight = 1
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { break }
      let element = try node(event, depth: depth + 1)
      elements.append(element.value)
      layouts.append(element.layout)
      weight += element.weight
    }
    return Node(
      value: .array(elements), layout: YAMLLayout(position: position, parts: .elements(layouts)), weight: weight)
  }

  private mutating func mapping(_ position: YAMLPosition, depth: Int) throws(YAMLError) -> Node {
    try count(1, position)
    var members = JSONObject()
    var layouts: [String: YAMLLayout.Member] = [:]
    var merged: [(node: Node, position: YAMLPosition)] = []
    var weight = 1
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { break }
      let key = try key(event)
      let value = try node(try events.next(), depth: depth + 1)
      weight += value.weight + 1
      switch key {
      case .merge: merged.append((value, event.position))
      case .name(let name):
        weight += name.utf8.count
        guard members.insert(value.value, for: name) else {
          throw YAMLError(event.position, "the key \(FieldPath.quoted(name)) occurs twice")
        }
        layouts[name] = YAMLLayout.Member(key: event.position, layout: value.layout)
      }
    }
    for (node, position) in merged { try merge(node, position, into: &members, &layouts) }
    return Node(
      value: .object(members), layout: YAMLLayout(position: position, parts: .members(layouts)), weight: weight)
  }

  private enum Key {
    case name(String)
    case merge
  }

  /// Numbers and truths are names as they are written, which no schema changes; null, lists and mappings are none.
  private mutating func key(_ event: YAMLEvents.Event) throws(YAMLError) -> Key {
    switch event.kind {
    case .scalar(let scalar, let properties):
      if scalar.isPlain, scalar.text == "<<", properties.tag == nil { return .merge }
      guard !YAMLScalar.isNull(scalar, tag: properties.tag) else { break }
      guard !scalar.text.utf8.contains(0) else { throw YAMLError(event.position, "a key can't hold a NUL") }
      try YAMLScalar.check(tag: properties.tag, is: "str", event.position)
      let weight = 1 + scalar.text.utf8.count
      try count(weight, event.position)
      _ = keep(
        Node(value: .string(scalar.text), layout: YAMLLayout(position: event.position, parts: .none), weight: weight),
        properties)
      return .name(scalar.text)
    case .alias:
      if case .string(let name) = try node(event, depth: 0).value { return .name(name) }
    default: break
    }
    throw YAMLError(event.position, "a key must be a string")
  }

  /// Members of a `<<` join those that are there already; of several mappings the first wins (https://yaml.org/type/merge.html).
  private func merge(
    _ node: Node, _ position: YAMLPosition, into members: inout JSONObject, _ layouts: inout [String: YAMLLayout.Member]
  ) throws(YAMLError) {
    var sources: [(JSONValue, YAMLLayout)] = [(node.value, node.layout)]
    if case (.array(let values), .elements(let parts)) = (node.value, node.layout.parts) {
      sources = Array(zip(values, parts))
    }
    for case (let value, let layout) in sources {
      guard case (.object(let more), .members(let places)) = (value, layout.parts) else {
        throw YAMLError(position, "<< must be a mapping or a list of them, not \(value.kind)")
      }
      for (name, value) in more where members.insert(value, for: name) { layouts[name] = places[name] }
    }
  }
}
