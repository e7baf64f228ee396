import PheromoneFunctions

extension Patterns {
  /// The same within one request: nothing is mixed with others, and what is left over goes at the end.
  @FunctionsBuilder static var sessionBatch: [Function] {
    Function("unload") { context in
      for (index, item) in try context.inputs.single.text.split(separator: " ").enumerated() {
        try context.put("\(index)", in: "items", text: String(item))
      }
    }

    Function("pack") { context in
      let contents = context.inputs.map(\.text).joined(separator: " and ")
      try context.put("box:\(context.inputs[0].key)", in: "boxes", text: contents)
    }

    Function("label") { context in try context.output(context.inputs.map { "a box of \($0.text)\n" }.joined()) }
  }
}
