/// A failure that a handler reports, and whether another attempt could end better.
///
/// Any other error that a handler throws counts as retryable.
public struct FunctionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong; shown in the session's description.
  public var message: String
  /// Whether the attempt is made again, as the function's `retry` says.
  public var isRetryable: Bool

  /// - Parameters:
  ///   - message: what went wrong.
  ///   - isRetryable: whether another attempt could end better.
  public init(_ message: String, isRetryable: Bool = true) {
    self.message = message
    self.isRetryable = isRetryable
  }

  /// The message.
  public var description: String { message }
}
