extension JSONValue {
  /// This value after a merge patch (RFC 7396): members of the patch replace or join those here, at any depth; null removes;
  /// anything but an object replaces the whole.
  package func applying(mergePatch patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result = object ?? JSONObject()
    for (key, change) in changes {
      result[key] = change.isNull ? nil : (result[key] ?? .null).applying(mergePatch: change)
    }
    return .object(result)
  }
}
