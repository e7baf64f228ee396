import Glibc

/// A program that offers functions to a workflow. Mark the type with `@main` and list its functions:
///
/// ```swift
/// @main struct Greeter: FunctionHost {
///   var functions: [Function] {
///     Function("greet") { context in
///       try context.output("Hello, \(context.inputs.single.text)")
///     }
///   }
/// }
/// ```
///
/// The program runs in a container of an executor pod. Its first process supervises one worker process for each
/// executor; a handler that crashes ends its worker only, which is replaced at once.
public protocol FunctionHost: Sendable {
  init()

  /// The functions of this program. Names must differ.
  @FunctionsBuilder var functions: [Function] { get }
}

extension FunctionHost {
  /// Runs the host until the pod ends. Called by `@main`; does not return.
  public static func main() {
    do {
      let configuration = try HostConfiguration(environment: HostConfiguration.processEnvironment())
      let functions = Self().functions
      try FunctionTable.check(functions)
      if configuration.slot == nil {
        exit(try Supervisor(configuration: configuration).run())
      } else {
        exit(try WorkerProcess(configuration: configuration, functions: functions).run())
      }
    } catch {
      Console.write("\(error)")
      exit(78)
    }
  }
}
