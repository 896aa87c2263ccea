import CLibYAML

/// libyaml's parser over a text of its own: a sequence of events.
struct YAMLEvents: ~Copyable {
  struct Scalar {
    let text: String
    /// Neither quoted nor a block.
    let isPlain: Bool
  }

  /// What a node may carry.
  struct Properties {
    let anchor: String?
    let tag: String?
  }

  enum Kind {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(Scalar, Properties)
    case sequenceStart(Properties)
    case sequenceEnd
    case mappingStart(Properties)
    case mappingEnd
  }

  struct Event {
    let kind: Kind
    let position: YAMLPosition
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>

  /// - Throws: only when memory runs out.
  init(_ bytes: [UInt8]) throws(YAMLError) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    text = .allocate(capacity: max(bytes.count, 1))
    _ = text.initialize(from: bytes)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      text.deallocate()
      throw YAMLError(YAMLPosition(line: 1, column: 1), "memory ran out")
    }
    // Left to itself, libyaml would take some beginnings for UTF-16.
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  mutating func next() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    let position = YAMLPosition(event.start_mark)
    return Event(kind: try Self.kind(event, position), position: position)
  }

  private static func kind(_ event: yaml_event_t, _ position: YAMLPosition) throws(YAMLError) -> Kind {
    switch event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .sequenceStart(Properties(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mappingStart(Properties(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        Scalar(text: String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
        Properties(anchor: string(scalar.anchor), tag: string(scalar.tag)))
    default: throw YAMLError(position, "libyaml reports an event that is not known here")
    }
  }

  private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    text.map { String(cString: $0) }
  }
}

extension YAMLEvents {
  private func failure() -> YAMLError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "memory ran out"
    guard state.error != YAML_READER_ERROR else {
      return YAMLError(position(ofByte: Int(clamping: state.problem_offset)), problem)
    }
    let position = YAMLPosition(state.problem_mark)
    if byte(at: position) == UInt8(ascii: "\t") {
      return YAMLError(position, "a tab stands where only spaces may")
    }
    guard let context = state.context, state.context_mark.line != state.problem_mark.line else {
      return YAMLError(position, problem)
    }
    return YAMLError(
      position, "\(problem) (\(String(cString: context)) that began in line \(state.context_mark.line + 1))")
  }

  /// libyaml tells no line for bytes that are no characters.
  private func position(ofByte offset: Int) -> YAMLPosition {
    let before = text[..<min(offset, text.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return YAMLPosition(
      line: 1 + before.count { $0 == UInt8(ascii: "\n") }, column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 })
  }

  private func byte(at position: YAMLPosition) -> UInt8? {
    var line = 1
    var column = 0
    for byte in text {
      if line == position.line, byte & 0xC0 != 0x80 { column += 1 }
      if line == position.line, column == position.column { return byte }
      if byte == UInt8(ascii: "\n") { line += 1 }
      if line > position.line { return nil }
    }
    return nil
  }
}

extension YAMLPosition {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }
}
