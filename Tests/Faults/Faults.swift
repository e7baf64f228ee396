import Glibc
import PheromoneFunctions

/// Functions that do on request what a function should not do.
@main struct Faults: FunctionHost {
  /// What `throw` throws: the text it was given.
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  var functions: [Function] {
    /// Answers with its input.
    Function("echo") { context in
      try context.output(context.inputs.single)
    }
    /// Throws its input.
    Function("throw") { context in
      throw Fault(description: try context.inputs.single.text)
    }
    /// Ends its process.
    Function("exit") { _ in
      exit(3)
    }
    /// Says in which process it runs, and takes its time, so that something can happen to that process.
    Function("linger") { context in
      print("lingering in \(getpid())")
      // sleep: the work that the function pretends to do
      try await Task.sleep(for: .seconds(Int(context.inputs.single.text) ?? 1))
      try context.output("rested")
    }
  }
}
