import JSON
import RestoreModel

extension StorageSpec {
  var json: JSONValue {
    switch self {
    case .volume(let path): ["volume": ["path": .string(path)]]
    case .s3(let location): ["s3": location.json]
    }
  }

  init?(reading fields: inout ObjectReader) {
    let volume = fields.optionalObject("volume") { volume in
      let path = volume.string("path")
      volume.finish()
      return path
    }
    let s3 = fields.optionalObject("s3") { S3Location(reading: &$0) }
    for later in ["gcsBucket", "azureContainer"] where fields.optionalView(later) != nil {
      fields.reject(later, "is not supported yet; use volume or s3")
    }
    fields.finish()
    fields.requireOne(of: "volume", "s3", "gcsBucket", "azureContainer")
    switch (volume, s3) {
    case (let path?, _): self = .volume(path: path)
    case (nil, let location?): self = .s3(location)
    case (nil, nil): return nil
    }
  }
}

extension S3Location {
  fileprivate var json: JSONValue {
    .build { fields in
      fields.put("bucket", bucket)
      fields.put("region", region)
      fields.put("prefix", prefix)
      fields.put("endpoint", endpoint)
      fields.put("forcePathStyle", forcePathStyle)
    }
  }

  fileprivate init?(reading fields: inout ObjectReader) {
    self.init(bucket: fields.string("bucket") ?? "")
    region = fields.optionalString("region") ?? region
    prefix = fields.optionalString("prefix")
    endpoint = fields.optionalString("endpoint")
    forcePathStyle = fields.optionalBool("forcePathStyle") ?? forcePathStyle
    fields.finish()
  }
}

extension EventHubSpec {
  var json: JSONValue {
    .build { fields in
      // Empty as well: an EventHub without properties must be read back as what it is.
      fields["kafka"] = ["properties": .strings(properties)]
      fields.put("description", description)
    }
  }

  init(reading fields: inout ObjectReader) {
    let properties = fields.object("kafka") { kafka in
      let properties = kafka.stringMap("properties")
      kafka.finish()
      return properties
    }
    self.init(properties: properties ?? [:], description: fields.optionalString("description"))
    fields.finish()
  }
}

extension ObjectReader {
  /// Exactly one of the members must be there.
  func requireOne(of names: String...) {
    let present = names.filter { has($0) }
    if present.count != 1 { reject("must have exactly one of \(names.joined(separator: ", "))") }
  }
}
