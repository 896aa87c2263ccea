import JSON
import YAML

/// `--config FILE`: option names and their values; a list for one that repeats, an object for `property`.
enum ConfigFile {
  static func read(_ path: String) throws -> [String: [String]] {
    let documents = try Documents.parse(try FileText.read(path), named: path)
    guard let document = documents.first, documents.count == 1, let object = document.value.object else {
      throw ShellFailure(.usage, "\(path): must be one document with an option's name and value on each line")
    }
    var values: [String: [String]] = [:]
    for (name, value) in object { values[name] = try texts(value, "\(path): \(name)") }
    return values
  }

  private static func texts(_ value: JSONValue, _ place: String) throws(ShellFailure) -> [String] {
    switch value {
    case .null: return []
    case .string(let text): return [text]
    case .bool(let value): return [String(value)]
    case .int(let value): return [String(value)]
    case .array(let values):
      var all: [String] = []
      for value in values { all += try texts(value, place) }
      return all
    case .object(let members):
      var all: [String] = []
      for (key, value) in members {
        for text in try texts(value, place) { all.append("\(key)=\(text)") }
      }
      return all
    case .double: throw ShellFailure(.usage, "\(place): must be text or a whole number")
    }
  }
}
