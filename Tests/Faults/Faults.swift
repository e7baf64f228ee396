import Glibc
import PheromoneFunctions

/// Functions that do on request what a function should not do.
@main struct Faults: FunctionHost {
  /// What `throw` throws: the text it was given.
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  /// A container that is given last words says them and ends, each time that it is started.
  init() {
    guard let words = unsafe getenv("FAULTS_LAST_WORDS") else { return }
    print("starting\n\(unsafe String(cString: words))")
    exit(7)
  }

  var functions: [Function] {
    /// Answers with its input.
    Function("echo") { context in
      try context.output(context.inputs.single)
    }
    /// Answers how many bytes it was given in all.
    Function("measure") { context in
      try context.output("\(context.inputs.reduce(0) { $0 + $1.count })")
    }
    /// Puts its input into the bucket `errands`, for `echo`.
    Function("relay") { context in
      try context.put("echo", in: "errands", bytes: context.inputs.single)
    }
    /// Puts as many objects of one byte as its input says into the bucket `crumbs`.
    Function("crumble") { context in
      for _ in 0..<(Int(try context.inputs.single.text) ?? 0) { try context.put(in: "crumbs", text: "x") }
    }
    /// Puts one object of as many bytes as it was given inputs into the bucket `heaps`.
    Function("sweep") { context in
      try context.put(in: "heaps", text: String(repeating: "x", count: context.inputs.count))
    }
    /// Throws its input.
    Function("throw") { context in
      throw Fault(description: try context.inputs.single.text)
    }
    /// Ends its process.
    Function("exit") { _ in
      exit(3)
    }
    /// Its process is killed.
    Function("die") { _ in
      kill(getpid(), SIGKILL)
    }
    /// Blocks its thread in the first attempt and hears nothing.
    Function("hang") { context in
      print("attempt \(context.attemptNumber) in \(getpid())")
      // sleep: a function that never comes back
      while context.attemptNumber == 1 { sleep(1) }
      try context.output("attempt \(context.attemptNumber)")
    }
    /// Says in which process it runs, and takes its time, so that something can happen to that process; says so if it is
    /// told to stop.
    Function("linger") { context in
      print("lingering in \(getpid())")
      do {
        // sleep: the work that the function pretends to do
        try await Task.sleep(for: .seconds(Int(context.inputs.single.text) ?? 1))
      } catch {
        print("told to stop in \(getpid())")
        throw error
      }
      try context.output("rested")
    }
  }
}
