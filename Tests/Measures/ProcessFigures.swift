import Foundation

/// What the kernel knows of a process.
package enum ProcessFigures {
  package static func children(of process: Int32) -> [Int32] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return tasks.flatMap { task in
      text("/proc/\(process)/task/\(task)/children").split(separator: " ").compactMap { Int32($0) }
    }
  }

  /// Seconds of processor time that its threads have used, to the nanosecond.
  package static func processorTime(of process: Int32) -> Double {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return tasks.reduce(0) { sum, task in
      let fields = text("/proc/\(process)/task/\(task)/schedstat").split(separator: " ")
      return sum + (fields.first.flatMap { Double($0) } ?? 0) / 1_000_000_000
    }
  }

  /// Memory in use beside what is shared, in bytes.
  package static func ownMemory(of process: Int32) -> Int {
    text("/proc/\(process)/status").split(separator: "\n").reduce(0) { sum, line in
      guard line.hasPrefix("RssAnon:") || line.hasPrefix("RssFile:") else { return sum }
      return sum + (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
    }
  }

  /// How often all its threads gave up a processor by themselves.
  package static func voluntarySwitches(of process: Int32) -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return tasks.reduce(0) { sum, task in
      let line = text("/proc/\(process)/task/\(task)/status").split(separator: "\n")
        .first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
    }
  }

  private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
