import PheromoneFunctions

extension Patterns {
  /// The key under which `triage` puts a message decides who gets it.
  @FunctionsBuilder static var choice: [Function] {
    Function("triage") { context in
      let message = try context.inputs.single.text
      try context.put(message.hasSuffix("?") ? "question" : "order", in: "messages", text: message)
    }

    Function("answer") { context in try context.output("answering: \(context.inputs.single.text)\n") }

    Function("deliver") { context in try context.output("delivering: \(context.inputs.single.text)\n") }
  }
}
