/// Some whole numbers, kept as runs of neighbours: however many there are, they take little room if they follow each other.
struct IndexRuns: Sendable, Hashable {
  /// In ascending order, with gaps between them.
  private(set) var runs: [ClosedRange<Int>] = []

  var count: Int { runs.count }

  func contains(_ index: Int) -> Bool {
    let place = firstRun(from: index)
    return place < runs.count && runs[place].contains(index)
  }

  /// - Returns: how many more runs there are now; one less when two have met.
  mutating func insert(_ index: Int) -> Int {
    let place = firstRun(from: index)
    if place < runs.count, runs[place].contains(index) { return 0 }
    let isAfter = place > 0 && runs[place - 1].upperBound == index - 1
    let isBefore = place < runs.count && runs[place].lowerBound - 1 == index
    switch (isAfter, isBefore) {
    case (true, true):
      runs[place - 1] = runs[place - 1].lowerBound...runs[place].upperBound
      runs.remove(at: place)
      return -1
    case (true, false): runs[place - 1] = runs[place - 1].lowerBound...index
    case (false, true): runs[place] = index...runs[place].upperBound
    case (false, false):
      runs.insert(index...index, at: place)
      return 1
    }
    return 0
  }

  /// The place of the first run that does not end before the index.
  private func firstRun(from index: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upperBound < index { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
