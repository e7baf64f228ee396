/// A process to start: everything that `posix_spawn` has to know.
package struct ProcessSpecification: Sendable, Hashable {
  /// An absolute path, or a name that is looked up in the `PATH` of `environment`.
  package var executable: String
  /// Without the name of the program itself.
  package var arguments: [String]
  package var environment: [String: String]
  package var workingDirectory: String

  package init(executable: String, arguments: [String] = [], environment: [String: String], workingDirectory: String) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
  }
}

/// Where the output of a process goes.
package enum ProcessOutput: Sendable {
  /// Both streams are appended to this file.
  case file(path: String)
  /// Both streams go through a pipe to this receiver, in chunks, on a thread of its own; nil is the end.
  case receiver(@Sendable (ArraySlice<UInt8>?) -> Void)
}

/// Why a process could not be started.
package struct ProcessError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  package var description: String { message }

  package init(_ message: String) { self.message = message }
}
