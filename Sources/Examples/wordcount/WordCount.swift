import PheromoneFunctions

/// Counts the words of a text: `split` cuts it, a `count` runs for each part, and `merge` adds up.
///
/// A word is a maximal run of ASCII letters and digits, in lower case, as
/// `tr -cs 'A-Za-z0-9' '\n' | tr A-Z a-z | grep -v '^$' | sort | uniq -c` has it.
@main
struct WordCount: FunctionHost {
  var functions: [Function] {
    Function("split") { context in
      let text = try context.inputs.single
      let keys = try text.chunks(4).enumerated().map { index, chunk in
        try context.put("part-\(index)", in: "words", bytes: chunk)
      }
      try context.expect(keys, in: "counts")
    }

    Function("count") { context in
      let part = try context.inputs.single
      var words = Tally()
      part.withBytes { words.countWords(of: $0) }
      try context.put(part.key, in: "counts", text: words.lines { word, count in "\(word) \(count)" })
    }

    Function("merge") { context in
      var total = Tally()
      for part in context.inputs { try total.add(lines: part.text) }
      try context.output(total.lines { word, count in "\(count) \(word)" })
    }
  }
}
