import PheromoneFunctions

extension Patterns {
  /// One of the jobs hangs in its first attempt. A second one is started beside it, and the first to end counts.
  @FunctionsBuilder static var recovery: [Function] {
    Function("assign") { context in
      let keys = try context.inputs.single.text.split(separator: " ").map { job in
        try context.put(String(job), in: "jobs", text: String(job))
      }
      try context.expect(keys, in: "results")
    }

    Function("work") { context in
      let job = try context.inputs.single
      if job.key == "slow", context.attemptNumber == 1 {
        // sleep: the straggler's time
        try await Task.sleep(for: .seconds(50))
      }
      try context.put(job.key, in: "results", text: "\(job.key) was done by attempt \(context.attemptNumber)\n")
    }

    Function("collect") { context in try context.output(context.inputs.map(\.text).joined()) }
  }
}
