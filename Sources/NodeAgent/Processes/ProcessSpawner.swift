import CProcess
import FoundationEssentials
import Glibc
import Posix

/// Starts processes with `posix_spawn`: each in a session of its own, so that it and all that it starts can be signalled
/// together, with default signal handling, and with no file of this program but the three standard ones.
package enum ProcessSpawner {
  /// Starts a process. `standardOutput` is the descriptor for both of its output streams; without a `standardInput` there
  /// is nothing to read.
  package static func spawn(
    _ specification: ProcessSpecification, standardInput: Int32? = nil, standardOutput: Int32
  ) throws(ProcessError) -> Int32 {
    let path = try resolve(specification)
    guard isFolder(specification.workingDirectory) else {
      throw ProcessError("the working directory \(specification.workingDirectory) does not exist")
    }
    let arguments = [specification.executable] + specification.arguments
    let environment = specification.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if let bad = (arguments + environment).first(where: { $0.utf8.contains(0) }) {
      throw ProcessError("an argument or variable holds a zero byte: \(bad.debugDescription.prefix(80))")
    }
    var pid = Int32(0)
    let failure = unsafe withCStrings(arguments) { argv in
      unsafe withCStrings(environment) { envp in
        unsafe cprocess_spawn(
          &pid, path, argv, envp, specification.workingDirectory, standardInput ?? -1, standardOutput)
      }
    }
    guard failure == 0 else { throw ProcessError("cannot start \(path): \(Errno.text(failure))") }
    return pid
  }

  private static func resolve(_ specification: ProcessSpecification) throws(ProcessError) -> String {
    let name = specification.executable
    if name.contains("/") {
      let path = name.hasPrefix("/") ? name : specification.workingDirectory + "/" + name
      guard unsafe access(path, F_OK) == 0 else { throw ProcessError("exec: \"\(path)\": no such file or directory") }
      guard unsafe access(path, X_OK) == 0, !isFolder(path) else {
        throw ProcessError("exec: \"\(path)\": not an executable file")
      }
      return path
    }
    let folders = (specification.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for folder in folders {
      let path = "\(folder)/\(name)"
      if unsafe access(path, X_OK) == 0, !isFolder(path) { return path }
    }
    throw ProcessError("exec: \"\(name)\": executable file not found in PATH")
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() {
      unsafe (list + index).initialize(to: strdup(string))
    }
    unsafe (list + strings.count).initialize(to: nil)
    defer {
      for index in strings.indices { unsafe free(list[index]) }
      unsafe list.deallocate()
    }
    return unsafe body(list)
  }
}
