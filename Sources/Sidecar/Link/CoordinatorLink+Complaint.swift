import NIOCore
import NIOPosix
import SharedMemory

extension CoordinatorLink {
  /// Why the coordinator cannot be reached, in the system's words where there are any: those of a `NIOConnectionError`
  /// tell of its innards.
  static func complaint(of error: any Error, at target: LinkAddress) -> String {
    let failures = (error as? NIOConnectionError)?.connectionErrors.compactMap { $0.error as? IOError } ?? []
    guard let refusal = failures.first else { return "cannot reach the coordinator at \(target): \(error)" }
    return "\(SystemError("reach the coordinator at \(target)", code: refusal.errnoCode))"
  }
}
