import Testing

@testable import Dataflow

@Suite("Strongly connected components")
struct StronglyConnectedComponentsTests {
  @Test("Each node of a chain is its own component, in the order of the flow")
  func chain() {
    let components = StronglyConnectedComponents(successors: [[1], [2], []])
    #expect(components.component == [0, 1, 2])
    #expect(components.count == 3)
  }

  @Test("A cycle is one component, and what it feeds comes behind it")
  func cycle() {
    let components = StronglyConnectedComponents(successors: [[1], [2, 3], [0], []])
    #expect(Set(components.component[0...2]).count == 1)
    #expect(components.component[3] > components.component[0])
    #expect(components.count == 2)
  }

  @Test("No nodes, lone nodes and loops to oneself")
  func corners() {
    #expect(StronglyConnectedComponents(successors: []).count == 0)
    #expect(StronglyConnectedComponents(successors: [[], []]).count == 2)
    #expect(StronglyConnectedComponents(successors: [[0]]).count == 1)
  }

  @Test("A chain of a hundred thousand does not exhaust the stack")
  func deep() {
    let count = 100_000
    let components = StronglyConnectedComponents(successors: (0..<count).map { $0 + 1 < count ? [$0 + 1] : [] })
    #expect(components.count == count)
  }

  @Test("On random graphs two nodes share a component just when each reaches the other", arguments: 1...40)
  func property(seed: Int) {
    var state = UInt64(seed)
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let count = 1 + below(9)
    let successors = (0..<count).map { _ in (0..<below(3)).map { _ in below(count) } }
    var reaches = (0..<count).map { node in (0..<count).map { $0 == node || successors[node].contains($0) } }
    for middle in 0..<count {
      for from in 0..<count where reaches[from][middle] {
        for to in 0..<count where reaches[middle][to] { reaches[from][to] = true }
      }
    }
    let components = StronglyConnectedComponents(successors: successors)
    #expect(Set(components.component) == Set(0..<components.count))
    for from in 0..<count {
      for to in 0..<count {
        let isSame = components.component[from] == components.component[to]
        #expect(isSame == (reaches[from][to] && reaches[to][from]), "seed \(seed): \(successors)")
        if reaches[from][to] {
          #expect(components.component[from] <= components.component[to], "seed \(seed): \(successors)")
        }
      }
    }
  }
}
