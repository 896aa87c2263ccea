/// The name of a blob or of a folder of blobs: components that can only lead downwards from the store's root.
package struct BlobKey: Hashable, Sendable, CustomStringConvertible {
  package static let root = BlobKey(components: [])

  package let components: [String]

  private init(components: [String]) { self.components = components }

  /// From components joined by slashes; the empty string is the root.
  package init(_ path: String) throws(StorageError) {
    var key = BlobKey.root
    if path.isEmpty {
      self = key
      return
    }
    if path.utf8.first == UInt8(ascii: "/") { throw .invalidKey(key: path, reason: "it is an absolute path") }
    for component in path.split(separator: "/", omittingEmptySubsequences: false) {
      key = try key.appending(String(component))
    }
    self = key
  }

  /// One level down. `name` may come from anywhere, for instance from a topic in somebody's cluster.
  package func appending(_ name: String) throws(StorageError) -> BlobKey {
    if name.isEmpty { throw .invalidKey(key: name, reason: "it is empty") }
    if name == "." || name == ".." { throw .invalidKey(key: name, reason: "it leads out of its folder") }
    // Over scalars and bytes, since in characters a slash may hide under a combining mark.
    if name.utf8.contains(UInt8(ascii: "/")) { throw .invalidKey(key: name, reason: "it holds a slash") }
    if name.utf8.contains(0) { throw .invalidKey(key: name, reason: "it holds a zero byte") }
    if name.utf8.count > 255 { throw .invalidKey(key: name, reason: "it is longer than 255 bytes") }
    return BlobKey(components: components + [name])
  }

  package var name: String { components.last ?? "" }

  package var parent: BlobKey { BlobKey(components: components.dropLast()) }

  package var description: String { components.joined(separator: "/") }
}
