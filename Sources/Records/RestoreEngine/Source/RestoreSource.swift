package import ColdStorage
import Glibc
package import RestoreModel

/// Opens what a Storage document names.
package enum RestoreSource {
  package static func open(_ storage: StorageSpec, policy: EnginePolicy) throws(RunFault) -> ArchiveReader {
    switch storage {
    case .volume(let path): ArchiveReader(try volume(path, policy))
    case .s3:
      throw RunFault(
        reason: "StorageUnsupported", message: "this version reads archives on volumes only, not in S3")
    }
  }

  private static func volume(_ path: String, _ policy: EnginePolicy) throws(RunFault) -> VolumeStore {
    do {
      return try VolumeStore(root: try RootedPath(path, under: policy.volumeRoots).text)
    } catch let refusal as RootedPath.Refusal {
      switch refusal {
      case .outside:
        throw RunFault(
          reason: "StorageForbidden",
          message: "volume.path \(path) is not under a directory that the service may read archives from")
      case .unreachable(let code):
        throw RunFault(
          reason: StorageFault.unreachable,
          message: "volume.path \(path) can't be reached now: \(String(cString: strerror(code)))")
      }
    } catch let error as StorageError {
      throw StorageFault.fault(.storage(error))
    } catch {
      throw RunFault(reason: StorageFault.unreachable, message: "volume.path \(path): \(error)")
    }
  }
}

/// What goes wrong with an archive, as a fault of the run.
enum StorageFault {
  /// Tried again, with patience.
  static let unreachable = "StorageUnreachable"

  static func fault(_ error: ArchiveError) -> RunFault {
    switch error {
    case .storage(let error): RunFault(reason: error.isTransient ? unreachable : "StorageFailed", message: "\(error)")
    case .damaged:
      RunFault(reason: "DamagedSegment", message: "\(error); restore it from a copy, or leave its offsets out")
    case .index, .notIndexed: RunFault(reason: "DamagedArchive", message: "\(error)")
    case .unsupportedVersion: RunFault(reason: "ArchiveTooNew", message: "\(error)")
    case .noSuchTopic, .noSuchPartition: RunFault(reason: "UnknownTopic", message: "\(error)")
    case .batch: RunFault(reason: "UnreadableBatch", message: "\(error)")
    case .crypto: RunFault(reason: "InternalError", message: "\(error)")
    }
  }
}
