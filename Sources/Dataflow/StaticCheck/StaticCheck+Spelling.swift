// Names that are probably misspelt. The keys that functions put are declared nowhere, so that these are guesses, and warnings.
extension StaticCheck {
  /// More different keys than this are not compared.
  private static let comparedKeys = 1024

  mutating func checkSpelling() {
    checkKeySpelling()
    checkBucketSpelling()
  }

  /// One list of keys that a trigger waits for.
  private struct KeyList {
    var bucket: String
    var trigger: String
    var field: String
    var names: [String]
  }

  private var keyLists: [KeyList] {
    buckets.flatMap { bucket in
      bucket.spec.triggers.enumerated().compactMap { index, trigger in
        switch trigger.onlyPrimitive {
        case .byName(let names), .bySet(let names):
          KeyList(
            bucket: bucket.name, trigger: trigger.name,
            field: "spec.triggers[\(index)].\(trigger.primitives[0].fieldName).names", names: names)
        default: nil
        }
      }
    }
  }

  /// Two triggers that wait for almost the same key. A list that holds both says that they are two.
  private mutating func checkKeySpelling() {
    let lists = keyLists
    var uses: [String: [Int]] = [:]
    for (index, list) in lists.enumerated() {
      for name in Set(list.names) { uses[name, default: []].append(index) }
    }
    guard lists.count > 1, uses.count <= Self.comparedKeys else { return }
    for (one, other) in Spelling.slips(among: uses.keys.sorted()) {
      guard let first = uses[one], let second = uses[other], Set(first).isDisjoint(with: second) else { continue }
      // The key that fewer triggers wait for is the suspect; else the one that comes later.
      let isOther = (first.count, -first[0]) >= (second.count, -second[0])
      let (suspect, usual) = isOther ? (other, one) : (one, other)
      let (place, model) = isOther ? (lists[second[0]], lists[first[0]]) : (lists[first[0]], lists[second[0]])
      guard let position = place.names.firstIndex(of: suspect) else { continue }
      report(
        "\(place.field)[\(position)]", bucket: place.bucket,
        "\"\(suspect)\" is almost \"\(usual)\", which \(model.bucket)/\(model.trigger) waits for",
        "did you mean \"\(usual)\"? If both keys are put, nothing is wrong", severity: .warning)
    }
  }

  /// A bucket that no function declares, beside one of almost the same name that some do.
  private mutating func checkBucketSpelling() {
    guard !functions.isEmpty, doubts.functions.isEmpty, functions.allSatisfy({ $0.outputs != nil }) else { return }
    let written = Set(functions.flatMap { $0.outputs ?? [] })
    for (one, other) in Spelling.slips(among: bucketNames.sorted()) {
      guard written.contains(one) != written.contains(other) else { continue }
      let (suspect, usual) = written.contains(one) ? (other, one) : (one, other)
      report(
        "metadata.name", bucket: suspect,
        "no function puts into this bucket, but some do into \"\(usual)\", which is called almost the same",
        "did you mean \"\(usual)\"? If it is filled from outside, nothing is wrong", severity: .warning)
    }
  }
}
