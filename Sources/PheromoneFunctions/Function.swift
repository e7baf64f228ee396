/// A function of a workflow: its name, as `spec.functions` has it, and the code that runs for each invocation.
public struct Function: Sendable {
  /// The name that the workflow knows it by.
  public let name: String
  let body: @Sendable (FunctionContext) async throws -> Void

  /// - Parameters:
  ///   - name: the function's name in the workflow.
  ///   - body: runs once per attempt. What it puts, announces and outputs becomes visible at once when it returns, and
  ///     vanishes when it throws; then the attempt is made again as `retry` says. Throw `FunctionError` to say
  ///     otherwise.
  public init(_ name: String, _ body: @escaping @Sendable (FunctionContext) async throws -> Void) {
    self.name = name
    self.body = body
  }
}

/// Collects the functions of a host.
@resultBuilder
public enum FunctionsBuilder {
  /// A function by itself.
  public static func buildExpression(_ function: Function) -> [Function] { [function] }
  /// Functions that are listed elsewhere.
  public static func buildExpression(_ functions: [Function]) -> [Function] { functions }
  /// All that a block lists, in its order.
  public static func buildBlock(_ parts: [Function]...) -> [Function] { parts.flatMap(\.self) }
  /// An `if` without `else`: no functions when its condition does not hold.
  public static func buildOptional(_ part: [Function]?) -> [Function] { part ?? [] }
  /// The first branch of an `if` with `else`, or of a `switch`.
  public static func buildEither(first part: [Function]) -> [Function] { part }
  /// The other branch.
  public static func buildEither(second part: [Function]) -> [Function] { part }
  /// A `for` loop: the functions of every turn.
  public static func buildArray(_ parts: [[Function]]) -> [Function] { parts.flatMap(\.self) }
}

/// What is required of the functions of one program.
enum FunctionTable {
  static func check(_ functions: [Function]) throws {
    guard !functions.isEmpty else {
      throw FunctionError("this program offers no functions; list at least one in `functions`", isRetryable: false)
    }
    var names: Set<String> = []
    for function in functions where !names.insert(function.name).inserted {
      throw FunctionError("this program offers \"\(function.name)\" twice; names must differ", isRetryable: false)
    }
  }
}
