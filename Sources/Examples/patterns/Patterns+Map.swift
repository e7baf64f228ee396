import PheromoneFunctions

extension Patterns {
  /// As many invocations as there are numbers. What `scatter` announces tells `gather` when it has them all.
  @FunctionsBuilder static var map: [Function] {
    Function("scatter") { context in
      let numbers = try context.inputs.single.text.split(separator: " ")
      let keys = try numbers.enumerated().map { index, number in
        try context.put("number-\(index)", in: "numbers", text: String(number))
      }
      try context.expect(keys, in: "squares")
    }

    Function("square") { context in
      let number = try context.inputs.single
      guard let value = Int(number.text) else {
        throw FunctionError("\"\(number.text)\" is no number", isRetryable: false)
      }
      try context.put(number.key, in: "squares", text: "\(value * value)")
    }

    Function("gather") { context in try context.output(context.inputs.map(\.text).joined(separator: " ") + "\n") }
  }
}
