import PheromoneFunctions

extension Patterns {
  /// Three replicas are asked, the first two answers count, and the third replica learns that nobody waits for it.
  @FunctionsBuilder static var kOfN: [Function] {
    Function("ask") { context in
      for replica in ["east", "west", "south"] {
        try context.put(replica, in: "questions", bytes: context.inputs.single)
      }
    }

    Function("reply") { context in
      let question = try context.inputs.single
      do {
        // sleep: the work of a replica, one of which is very slow
        try await Task.sleep(for: question.key == "south" ? .seconds(50) : .milliseconds(50))
      } catch {
        print("\(question.key) stops: nobody needs its answer any more")
        throw error
      }
      try context.put(question.key, in: "answers", text: "\(question.text): yes")
    }

    Function("agree") { context in
      try context.output("\(context.inputs[0].text), say \(context.inputs.names.sorted().joined(separator: " and "))\n")
    }
  }
}
