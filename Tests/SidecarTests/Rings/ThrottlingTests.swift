import Foundation
import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions
@testable import Sidecar

/// A sidecar and workers whose control group leaves them less than one processor: work goes on, and nobody spins, as
/// whoever spins then takes the time from those who work.
@Suite(
  .timeLimit(.minutes(2)),
  .enabled(
    if: ControlGroup.objection == nil, Comment(rawValue: ControlGroup.objection ?? "a control group can be made")))
struct ThrottlingTests {
  private static let again = Function("again") { context in
    let left = try #require(UInt16(context.inputs.single.text))
    if left == 0 { try context.output("done") } else { try context.call("again", text: "\(left - 1)") }
  }

  @Test func `under a small quota work goes on, and nobody spins`() async throws {
    let group = try ControlGroup.make()
    defer { group.remove() }
    await #expect(processExitsWith: .success) { [path = group.path as String] in
      let group = ControlGroup(path: path)
      try group.limit(to: 0.2)
      try group.join()
      #expect(ProcessorBudget.current().quota == 0.2)
      #expect(ProcessorBudget.current().spinPermits == 0)
      try await LoopUnderTest.with { test in
        _ = try test.addWorker([Self.again])
        let idle = try RawWorker(test.path)
        #expect(idle.maySpin == false)
        var chains = 0
        // It has stood still several times, each time in the middle of some chain.
        while group.throttledPeriods < 3 {
          test.start("s\(chains)", "again", Array("500".utf8))
          let result = await test.results(1)["s\(chains)"]
          #expect(result?.outputs.first?.bytes == Array("done".utf8))
          chains += 1
          #expect(idle.maySpin == false)
        }
      }
    }
  }

  /// The same without a limit, so that it is the limit which makes the difference.
  @Test func `with a quota of all processors, who is idle may spin`() async throws {
    let group = try ControlGroup.make()
    defer { group.remove() }
    await #expect(processExitsWith: .success) { [path = group.path as String] in
      let group = ControlGroup(path: path)
      let processors = ProcessorBudget.current().processors
      try group.limit(to: Double(processors))
      try group.join()
      #expect(ProcessorBudget.current().quota == Double(processors))
      try await LoopUnderTest.with { test in
        let idle = try RawWorker(test.path)
        #expect(idle.maySpin == (processors > 1))
      }
    }
  }
}
