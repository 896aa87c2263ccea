import KafkaProtocol

/// What a broker, or whoever listens in its place, answers. The first byte says to which request, the second in which version.
enum AnswerTargets {
  static func answers(_ bytes: [UInt8]) throws {
    guard bytes.count >= 6 else { return }
    let frame = Array(bytes[2...])
    let correlation = frame.prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
    let api = API.allCases[Int(bytes[0]) % API.allCases.count]
    let versions = Array(api.versions)
    let version = versions[Int(bytes[1]) % versions.count]
    func read<Request: KafkaRequest>(_: Request.Type) {
      _ = try? Request.answer(in: frame, version: version, correlation: correlation)
    }
    switch api {
    case .produce: read(Produce.self)
    case .listOffsets: read(ListOffsets.self)
    case .metadata: read(Metadata.self)
    case .offsetFetch: read(OffsetFetch.self)
    case .findCoordinator: read(FindCoordinator.self)
    case .initProducerID: read(InitProducerID.self)
    case .addPartitionsToTransaction: read(AddPartitionsToTransaction.self)
    case .addOffsetsToTransaction: read(AddOffsetsToTransaction.self)
    case .endTransaction: read(EndTransaction.self)
    case .transactionOffsetCommit: read(TransactionOffsetCommit.self)
    case .apiVersions:
      guard let answer = try? ApiVersions.negotiate(frame, version: version, correlation: correlation) else { return }
      let table = VersionTable(answer)
      for api in API.allCases {
        guard let spoken = table.version(of: api) else { continue }
        try require(api.versions.contains(spoken), "\(api) would be spoken in version \(spoken)")
      }
    }
  }
}
