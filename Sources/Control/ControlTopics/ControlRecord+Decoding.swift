import JSON
import RestoreModel

extension ControlRecord {
  func corrupt(_ message: String, _ problem: CorruptLog.Problem = .unreadable) -> CorruptLog {
    CorruptLog(problem, topic: topic, offset: offset, message)
  }

  /// Reads the value of a record that only the owner writes.
  func decodeOwn<Value>(_ body: (inout ObjectReader) -> Value?) throws(CorruptLog) -> Value {
    guard let value else { throw corrupt("the record has no value") }
    let document: JSONDocument
    do { document = try JSONDocument(parsing: value, root: .container) } catch {
      throw corrupt("the value is no JSON (\(error)); only the service may write here")
    }
    return try document.read { (json) throws(CorruptLog) in
      try checkVersion(json)
      do throws(FieldErrors) {
        return try Decode.object(json) { fields in
          fields.ignore("version")
          return body(&fields)
        }
      } catch {
        throw corrupt(
          "the value is not what this version writes: \(error.problems.map(\.description).joined(separator: "; "))")
      }
    }
  }

  private func checkVersion(_ json: JSONView) throws(CorruptLog) {
    if let version = json["version"]?.int, version > ContractVersion.current {
      throw corrupt(
        "written in version \(version) of the contract, newer than the \(ContractVersion.current) known here; start a newer thaw",
        .newerVersion)
    }
    if topic == .specs, let version = json["apiVersion"]?.string, version != DocumentForm.apiVersion {
      throw corrupt("a document of an apiVersion that is not known here; start a newer thaw", .newerVersion)
    }
  }

  /// The header of a record of `specs` or `status`: a decimal number that is never negative.
  func ownerHeader(_ name: String) throws(CorruptLog) -> Int64 {
    guard let number = header(name).flatMap({ Int64($0) }), Counted.range.contains(number) else {
      throw corrupt("the header \(name) is missing or no number; only the service may write here")
    }
    return number
  }
}

/// Epochs, sequences and generations: somebody counts on from each.
enum Counted {
  /// Those that can be read: integers that every reader of JSON holds exactly (RFC 7493, 2.2), and the next one is always there.
  static let range: ClosedRange<Int64> = 0...(1 << 53)
}
