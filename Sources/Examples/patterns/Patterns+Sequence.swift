import PheromoneFunctions

extension Patterns {
  /// Each step puts its result where the next one starts.
  @FunctionsBuilder static var sequence: [Function] {
    Function("trim") { context in
      let words = try context.inputs.single.text.split(separator: " ")
      try context.put(in: "trimmed", text: words.joined(separator: " "))
    }

    Function("capitalize") { context in
      try context.put(in: "capitalized", text: context.inputs.single.text.uppercased())
    }

    Function("exclaim") { context in try context.output(context.inputs.single.text + "!\n") }
  }
}
