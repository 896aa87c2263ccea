/// A value that nothing prints: not interpolation, not `dump`, not a debugger's mirror. Whoever needs it says `revealed`.
package struct Secret<Value: Sendable>: Sendable {
  package let revealed: Value

  package init(_ value: Value) { revealed = value }
}

extension Secret: Equatable where Value: Equatable {}

extension Secret: Hashable where Value: Hashable {}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "***" }
  package var debugDescription: String { "***" }
  package var customMirror: Mirror { Mirror(self, children: [Mirror.Child]()) }
}
