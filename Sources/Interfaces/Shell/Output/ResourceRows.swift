import RestoreModel

/// Documents as rows of `thaw get`.
struct ResourceRows {
  let kind: ResourceKind
  let wide: Bool
  let withNamespace: Bool
  let now: Instant
  /// Rows go on as things change, so that figures are worth a column.
  var isWatched = false

  var header: [String] {
    var columns = withNamespace ? ["NAMESPACE", "NAME"] : ["NAME"]
    switch kind {
    case .restore:
      columns += wide ? ["STATUS", "PROGRESS", "VERIFIED", "SOURCE", "SINK", "AGE"] : ["STATUS", "AGE"]
      if isWatched, !wide { columns.append("PROGRESS") }
    case .storage: columns += ["TYPE"] + (wide ? ["LOCATION"] : []) + ["AGE"]
    case .eventHub: columns += ["BROKERS"] + (wide ? ["DESCRIPTION"] : []) + ["AGE"]
    case .credentials: columns += ["TYPE", "AGE"]
    }
    return columns
  }

  func row(_ resource: Resource) -> [String] {
    var cells = withNamespace ? [resource.metadata.namespace] : []
    cells.append(resource.metadata.name)
    switch resource.spec {
    case .restore(let spec):
      cells.append(Self.status(resource.status))
      if wide { cells += [Self.progress(resource.status), Self.verified(resource.status), spec.source, spec.sink] }
    case .storage(let spec):
      let (type, location) = Self.place(spec)
      cells += wide ? [type, location] : [type]
    case .eventHub(let spec):
      cells.append(spec.bootstrapServers ?? "-")
      if wide { cells.append(spec.description ?? "-") }
    case .credentials(let spec): cells.append(Self.form(spec))
    }
    cells.append(Figure.age(resource.metadata.creationTimestamp, now: now))
    if isWatched, !wide, kind == .restore {
      let figures = ProgressDisplay.figures(resource.status.progress)
      cells.append(figures.isEmpty ? "-" : String(figures.drop { $0 == " " }))
    }
    return cells
  }

  static func status(_ status: ResourceStatus) -> String {
    let phase = status.phase?.shown ?? "-"
    return status.stopping.map { "\(phase) (\($0.rawValue))" } ?? phase
  }

  static func progress(_ status: ResourceStatus) -> String { status.progress.map { "\($0.percent)%" } ?? "-" }

  static func verified(_ status: ResourceStatus) -> String {
    guard let condition = status.condition(.verified) else { return "-" }
    return condition.status == .true ? "True" : "\(condition.status.rawValue) (\(condition.reason))"
  }

  static func place(_ spec: StorageSpec) -> (type: String, location: String) {
    switch spec {
    case .volume(let path): ("volume", path)
    case .s3(let s3): ("s3", "s3://\(s3.bucket)" + (s3.prefix.map { "/\($0)" } ?? ""))
    }
  }

  static func form(_ spec: CredentialsSpec) -> String {
    switch spec {
    case .aws: "aws"
    case .httpBasic: "httpBasic"
    case .mutualTLS: "mTls"
    case .sasl(let sasl): "sasl \(sasl.mechanism.rawValue)"
    }
  }
}
