import CSharedMemory
import Glibc

/// A system call that the kernel refused: what was tried, and why it failed.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was tried, such as "map segment 3 for writing".
  package var operation: String
  /// The kernel's error number; zero where this module found the fault itself.
  package var code: Int32
  private var reason: String

  package init(_ operation: String, code: Int32) {
    self.operation = operation
    self.code = code
    reason = unsafe csm_error_text(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }

  package init(_ operation: String, reason: String) {
    self.operation = operation
    code = 0
    self.reason = reason
  }

  package var description: String { "cannot \(operation): \(reason)" }

  /// Nobody listens, or not yet: worth another try.
  package var isUnreachable: Bool { code == ENOENT || code == ECONNREFUSED }

  /// Turns an answer of the C shim, a value or a negated errno, into a value or an error.
  @discardableResult
  static func check<Value: SignedInteger & FixedWidthInteger>(
    _ result: Value, _ operation: @autoclosure () -> String
  ) throws(SystemError) -> Value {
    guard result >= 0 else { throw SystemError(operation(), code: Int32(-result)) }
    return result
  }
}
