/// Commits or aborts. Versions 1 to 4; protocol guide, "EndTxn" (key 26), KIP-98. Asked again of a transaction that ended the same way, it is answered without an error.
package struct EndTransaction: KafkaRequest {
  package static let api = API.endTransaction

  package var transaction: TransactionName
  package var commits: Bool

  package init(_ transaction: TransactionName, commits: Bool) {
    self.transaction = transaction
    self.commits = commits
  }

  package func encode(into writer: inout WireWriter, version: Int16) {
    transaction.encode(into: &writer)
    writer.write(commits)
    writer.endStructure()
  }

  package static func decode(_ reader: inout WireReader, version: Int16) throws(WireError) -> PlainAnswer {
    try PlainAnswer(&reader)
  }
}
