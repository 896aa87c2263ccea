import JSON
import RestoreModel

/// Beside the figures; left out where there is nothing to tell, and of the reasons those that nothing was opened for.
extension BatchCounts {
  static let name = "batches"

  func write(to object: inout JSONObject) {
    guard !isEmpty else { return }
    object[Self.name] = .build { fields in
      fields.put("unopened", unopened)
      fields.put("merged", merged)
      let reasons = OpenedReason.allCases.filter { opened[$0, default: 0] > 0 }
      guard !reasons.isEmpty else { return }
      fields["opened"] = .build { fields in for reason in reasons { fields.put(reason.rawValue, opened[reason]) } }
    }
  }

  /// - Parameter reader: of the object that the counts are a member of.
  init(reading reader: inout ObjectReader) {
    self = reader.optionalObject(Self.name) { BatchCounts(fields: &$0) } ?? BatchCounts()
  }

  private init(fields: inout ObjectReader) {
    self.init()
    unopened = fields.count("unopened") ?? 0
    merged = fields.count("merged") ?? 0
    opened =
      fields.optionalObject("opened") { fields in
        var opened: [OpenedReason: Int64] = [:]
        for reason in OpenedReason.allCases {
          if let batches = fields.optionalCount(reason.rawValue), batches > 0 { opened[reason] = batches }
        }
        fields.finish()
        return opened
      } ?? [:]
    fields.finish()
  }
}
