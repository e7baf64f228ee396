import FoundationEssentials
import NodeAgent

extension ClusterFiles {
  /// Ends what a cluster left behind whose background process was killed. Returns how many processes it found.
  @discardableResult
  func clean() throws -> Int {
    var found = 0
    for folder in [components] + podProcesses where FileManager.default.fileExists(atPath: folder) {
      found += try ProcessLedger(folder: folder).endLeftovers().count
    }
    try? FileManager.default.removeItem(atPath: record)
    return found
  }
}
