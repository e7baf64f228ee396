import PheromoneFunctions

extension Patterns {
  /// A slow speaker. Each word is heard while the rest is still to come.
  @FunctionsBuilder static var stream: [Function] {
    Function("speak") { context in
      for (index, word) in try context.inputs.single.text.split(separator: " ").enumerated() {
        // Published now, not when the function has ended; another attempt has to use the same keys.
        try context.put("word-\(index)", in: "speech", text: String(word))
        // sleep: the pause after a word
        try await Task.sleep(for: .milliseconds(300))
      }
    }

    Function("hear") { context in
      let word = try context.inputs.single
      print("heard \(word.text)")
      try context.put("heard:\(word.key)", in: "heard", bytes: word)
    }

    Function("recite") { context in try context.output(context.inputs.map(\.text).joined(separator: "\n") + "\n") }
  }
}
