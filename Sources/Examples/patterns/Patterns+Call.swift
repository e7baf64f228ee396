import PheromoneFunctions

extension Patterns {
  /// Halves an even number, triples an odd one and adds 1, until it is 1. No bucket lies between the functions.
  @FunctionsBuilder static var call: [Function] {
    Function("step") { context in
      let path = try context.inputs.single.text
      switch try last(of: path) {
      case 1: try context.put("path", in: "paths", text: path + "\n")
      case let number where number.isMultiple(of: 2): try context.call("halve", text: path)
      default: try context.call("triple", text: path)
      }
    }

    Function("halve") { context in
      let path = try context.inputs.single.text
      try context.call("step", text: "\(path) \(last(of: path) / 2)")
    }

    Function("triple") { context in
      let path = try context.inputs.single.text
      try context.call("step", text: "\(path) \(last(of: path) * 3 + 1)")
    }

    Function("arrive") { context in try context.output(context.inputs.single) }
  }

  private static func last(of path: String) throws -> Int {
    guard let number = path.split(separator: " ").last.flatMap({ Int($0) }), (1...1_000_000).contains(number) else {
      throw FunctionError("\"\(path)\" does not end with a number from 1 to 1000000", isRetryable: false)
    }
    return number
  }
}
