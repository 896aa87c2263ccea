/// What a broker speaks of each API, as it says when a connection begins (KIP-35).
package struct VersionTable: Sendable, Equatable {
  private var ranges: [API: ClosedRange<Int16>] = [:]

  package init(_ answer: ApiVersions.Answer) {
    for api in answer.apis where api.min <= api.max {
      if let known = API(rawValue: api.key) { ranges[known] = api.min...api.max }
    }
  }

  /// The newest version that both sides speak; nil when there is none.
  package func version(of api: API) -> Int16? {
    guard let theirs = ranges[api] else { return nil }
    let newest = min(theirs.upperBound, api.versions.upperBound)
    return newest >= max(theirs.lowerBound, api.versions.lowerBound) ? newest : nil
  }
}
