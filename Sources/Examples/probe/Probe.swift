import Glibc
import PheromoneFunctions

/// Small functions that behave well and badly on purpose, for tests of whole clusters.
@main
struct Probe: FunctionHost {
  var functions: [Function] {
    Function("echo") { context in try context.output(context.inputs.single) }

    /// Fails for good.
    Function("throw") { context in throw FunctionError(try context.inputs.single.text, isRetryable: false) }

    /// Fails until the attempt whose number is the payload.
    Function("flaky") { context in
      guard let wanted = Int(try context.inputs.single.text), context.attemptNumber >= wanted else {
        throw FunctionError("attempt \(context.attemptNumber) fails")
      }
      try context.output("attempt \(context.attemptNumber)")
    }

    /// Ends its process with code 3.
    Function("exit") { _ in exit(3) }

    /// Ends its process in the first attempt only.
    Function("crash-once") { context in
      if context.attemptNumber == 1 { abort() }
      try context.output("attempt \(context.attemptNumber)")
    }

    /// Waits for as many milliseconds as the payload says, or until nobody needs it.
    Function("sleep") { context in
      try await Task.sleep(for: .milliseconds(Int(try context.inputs.single.text) ?? 60_000))
      try context.output("slept")
    }

    /// Blocks its thread for ever and hears nothing.
    Function("hang") { _ in while true { sleep(1) } }

    /// Outputs as many bytes as the payload says.
    Function("allocate") { context in
      guard let size = Int(try context.inputs.single.text) else {
        throw FunctionError("the payload must be a number of bytes", isRetryable: false)
      }
      let loan = try context.create("block", in: "blocks", size: size)
      try context.output("\(loan.count)")
      try loan.put()
    }

    /// Puts the payload under the key that it begins with, up to a colon.
    Function("choose") { context in
      let text = try context.inputs.single.text
      try context.put(String(text.prefix { $0 != ":" }), in: "choices", text: text)
    }

    /// Puts both halves of a set.
    Function("both") { context in
      try context.put("left", in: "pairs", bytes: context.inputs.single)
      try context.put("right", in: "pairs", bytes: context.inputs.single)
    }

    for side in ["left", "right"] {
      Function(side) { context in try context.put(side, in: "pairs", bytes: context.inputs.single) }
    }

    /// Outputs what it was given, one input per line, with its key.
    Function("show") { context in
      try context.output(context.inputs.map { "\($0.key)=\($0.text)\n" }.joined())
    }
  }
}
