import PheromoneFunctions

extension Patterns {
  /// Two functions work side by side, and a third one waits for both.
  @FunctionsBuilder static var fanIn: [Function] {
    Function("inquire") { context in
      for department in ["stock", "price"] {
        try context.put(department, in: "inquiries", bytes: context.inputs.single)
      }
    }

    Function("stock") { context in
      try context.put("stock", in: "replies", text: "\(context.inputs.single.text.count) in stock")
    }

    Function("price") { context in
      try context.put("price", in: "replies", text: "for \(context.inputs.single.text.count * 2) each")
    }

    Function("offer") { context in try context.output(context.inputs.map(\.text).joined(separator: ", ") + "\n") }
  }
}
