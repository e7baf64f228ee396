import Foundation
import Glibc

/// The descriptors of this process and its mappings of pods' memory.
struct ProcessCensus {
  /// Each with what it leads to, so that a number which is given again counts as another.
  let descriptors: Set<String>
  /// How many mappings there are of segments and of rings.
  let mappings: Int

  static func now() throws -> ProcessCensus {
    let files = FileManager.default
    let numbers = try files.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
    let descriptors = numbers.compactMap { number -> String? in
      var status = stat()
      // The one that the folder was read with is closed by now.
      guard unsafe fstat(number, &status) == 0,
        let target = try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
      else { return nil }
      // That of the dispatch library, which makes it at its first timer.
      if target == "anon_inode:[timerfd]" { return nil }
      // What another process was given too may be deleted by that meanwhile.
      return "\(number) \(target.replacing(" (deleted)", with: "")) \(status.st_ino)"
    }
    let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
    return ProcessCensus(
      descriptors: Set(descriptors),
      mappings: maps.split(separator: "\n").count { $0.contains("/memfd:pheromone") })
  }

  /// What is open now and was not then.
  func opened(since earlier: ProcessCensus) -> Set<String> { descriptors.subtracting(earlier.descriptors) }
}
