import PheromoneFunctions

extension Patterns {
  /// Readings come in at any time; what came within two seconds is averaged.
  @FunctionsBuilder static var window: [Function] {
    Function("measure") { context in
      for reading in try context.inputs.single.text.split(separator: " ") {
        try context.put(in: "readings", text: String(reading))
      }
    }

    Function("average") { context in
      let values = context.inputs.compactMap { Int($0.text) }
      let mean = values.reduce(0, +) / max(values.count, 1)
      print("\(values.count) readings, on average \(mean)")
      try context.output("\(values.count) \(mean)\n")
    }
  }
}
