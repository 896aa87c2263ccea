/// `spec` of a Storage: where an archive lies. Exactly one form.
package enum StorageSpec: Hashable, Sendable {
  /// A directory; it must lie under a root that the operator configured.
  case volume(path: String)
  case s3(S3Location)
}

package struct S3Location: Hashable, Sendable {
  package var bucket: String
  package var region = "us-east-1"
  package var prefix: String?
  package var endpoint: String?
  package var forcePathStyle = false
  package init(bucket: String) { self.bucket = bucket }
}

/// `spec` of an EventHub: a Kafka cluster, in librdkafka's property names.
package struct EventHubSpec: Hashable, Sendable {
  package var properties: [String: String]
  package var description: String?
  package init(properties: [String: String], description: String? = nil) {
    self.properties = properties
    self.description = description
  }

  /// `bootstrap.servers`, or `metadata.broker.list`, which means the same.
  package var bootstrapServers: String? { properties["bootstrap.servers"] ?? properties["metadata.broker.list"] }
}

/// Where a secret is read at the moment of use. Only the reference is ever written to a topic.
package enum SecretReference: Hashable, Sendable {
  case environment(String)
  case file(String)
}

/// `spec` of Credentials. Exactly one form; every secret is a reference.
package enum CredentialsSpec: Hashable, Sendable {
  case aws(accessKeyIDFrom: SecretReference, secretAccessKeyFrom: SecretReference, sessionTokenFrom: SecretReference?)
  case httpBasic(username: String, passwordFrom: SecretReference)
  case mutualTLS(
    certificateFrom: SecretReference, keyFrom: SecretReference, caFrom: SecretReference?,
    keyPasswordFrom: SecretReference?)
  case sasl(SASLCredentials)

  /// As the document names it.
  package enum Form: String, CaseIterable, Sendable {
    case aws
    case httpBasic
    case mutualTLS = "mTls"
    case sasl
  }

  package var form: Form {
    switch self {
    case .aws: .aws
    case .httpBasic: .httpBasic
    case .mutualTLS: .mutualTLS
    case .sasl: .sasl
    }
  }
}

package struct SASLCredentials: Hashable, Sendable {
  package enum Mechanism: String, CaseIterable, Sendable {
    case plain = "PLAIN"
    case scramSHA256 = "SCRAM-SHA-256"
    case scramSHA512 = "SCRAM-SHA-512"
    case oauthBearer = "OAUTHBEARER"
  }
  package var mechanism: Mechanism
  package var username: String?
  package var passwordFrom: SecretReference?
  package init(mechanism: Mechanism, username: String? = nil, passwordFrom: SecretReference? = nil) {
    self.mechanism = mechanism
    self.username = username
    self.passwordFrom = passwordFrom
  }
}
