import Spelling

/// Reads the fields of one object. Each method names a field that the object may have; `finish` then reports all others.
///
/// A member that is null counts as absent, as in Kubernetes.
public struct ObjectReader: ~Copyable {
  @usableFromInline package let path: FieldPath
  private let members: JSONMembers
  @usableFromInline package let errors: FieldErrorCollector
  private var known: [String] = []
  /// The members that were asked for, by their position: all of the first 64.
  private var asked: UInt64 = 0
  /// Where the next field probably stands.
  private var next = JSONMembers.Place()

  /// Nil, with an error, if it is no object.
  @usableFromInline init?(_ value: JSONView, at path: FieldPath, into errors: FieldErrorCollector) {
    guard let members = value.members else {
      errors.add(path, "must be an object, not \(value.kind)")
      return nil
    }
    self.members = members
    self.path = path
    self.errors = errors
    known.reserveCapacity(members.count + 4)
  }

  /// The member as it stands there; nil when it is null or absent.
  @usableFromInline package mutating func optionalView(_ field: String) -> JSONView? {
    known.append(field)
    guard let place = members.find(field, near: next) else { return nil }
    next = members.place(after: place)
    if place.number < 64 { asked |= 1 << UInt64(place.number) }
    let view = members[place]
    return view.isNull ? nil : view
  }

  @usableFromInline package mutating func view(_ field: String) -> JSONView? {
    let view = optionalView(field)
    if view == nil { require(field) }
    return view
  }

  /// A copy of the member that may be kept.
  package mutating func optionalValue(_ field: String) -> JSONValue? { optionalView(field)?.value }
  package mutating func value(_ field: String) -> JSONValue? { view(field)?.value }

  /// Whether the member stands there, even as null. Doesn't make the field known.
  package func contains(_ field: String) -> Bool { members.find(field) != nil }

  /// Whether the member stands there and is not null. Doesn't make the field known.
  package func has(_ field: String) -> Bool {
    members.find(field).map { !members[$0].isNull } ?? false
  }

  /// Reports a rule about a field that no typed reader knows.
  @usableFromInline package func reject(_ field: String, _ message: String, suggestion: String? = nil) {
    errors.add(path[field], message, suggestion: suggestion)
  }

  /// Reports a rule about the object as a whole.
  package func reject(_ message: String) { errors.add(path, message) }

  /// Reports every member that no method asked for, with the field whose name is nearest. Call it last.
  package func finish() {
    guard asked.nonzeroBitCount < members.count else { return }
    for name in members.names where !known.contains(where: { ExactString($0) == ExactString(name) }) {
      // A hostile object may have a million members; past the limit they are only counted.
      guard errors.found.errors.count < FieldErrors.limit else {
        errors.add(path, "has more fields that it must not have")
        continue
      }
      let unused = known.filter { !contains($0) }
      errors.add(
        path[name], "is not a field of this object",
        suggestion: Suggestion.nearest(to: name, among: unused) ?? Suggestion.nearest(to: name, among: known))
    }
  }

  /// An absent field that must be there.
  func require(_ field: String) {
    errors.add(path[field], contains(field) ? "must not be null" : "is required")
  }

  @usableFromInline func mistyped(_ field: String, _ expected: String, _ value: JSONView) {
    errors.add(path[field], "must be \(expected), not \(value.kind)")
  }
}
