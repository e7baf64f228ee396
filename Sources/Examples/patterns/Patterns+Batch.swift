import PheromoneFunctions

extension Patterns {
  /// Requests leave their parcels; a van goes whenever there are three, whoever sent them.
  @FunctionsBuilder static var batch: [Function] {
    Function("accept") { context in
      try context.put(in: "parcels", bytes: context.inputs.single)
      try context.output("accepted\n")
    }

    Function("ship") { context in
      let load = context.inputs.map(\.text).joined(separator: ", ")
      print("shipping \(load)")
      try context.output("shipped \(load)\n")
    }
  }
}
