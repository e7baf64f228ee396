import PheromoneFunctions

extension Patterns {
  /// Every mapper puts into every group; a group is complete when all mappers have ended.
  @FunctionsBuilder static var shuffle: [Function] {
    Function("split") { context in
      for (index, part) in try context.inputs.single.chunks(3).enumerated() {
        try context.put("part-\(index)", in: "parts", bytes: part)
      }
    }

    Function("map") { context in
      let part = try context.inputs.single
      for (index, word) in part.text.split(separator: " ").enumerated() {
        // The group of an object is its key up to the first colon: the word.
        try context.put("\(word):\(part.key).\(index)", in: "pairs", text: "1")
      }
    }

    Function("reduce") { context in
      let sum = context.inputs.compactMap { Int($0.text) }.reduce(0, +)
      let word = context.inputs.group ?? ""
      try context.put(word, in: "sums", group: "all", text: "\(word) \(sum)\n")
    }

    Function("report") { context in try context.output(context.inputs.map(\.text).joined()) }
  }
}
