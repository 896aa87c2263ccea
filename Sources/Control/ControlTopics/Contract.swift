import CContract

/// The folder `topics/` as it was when this program was built: definitions, schemas, pages and examples.
package struct ContractFile: Hashable, Sendable {
  /// Below `topics/`.
  package let path: String
  package let bytes: [UInt8]

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package static let all: [ContractFile] = (0..<contract_count()).compactMap { index in
    let file = contract_file_at(index)
    guard let path = file.path, let bytes = file.bytes else { return nil }
    return ContractFile(
      path: String(cString: path), bytes: Array(UnsafeBufferPointer(start: bytes, count: file.length)))
  }

  package static func named(_ path: String) -> ContractFile? { all.first { $0.path == path } }
}
