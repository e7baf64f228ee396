import Glibc

/// Starts processes with `posix_spawn`: each in a session of its own, so that it and all that it starts can be signalled
/// together, with default signal handling, and with no file of this program but the three standard ones.
package enum ProcessSpawner {
  /// Starts a process. `standardOutput` is the descriptor for both of its output streams.
  package static func spawn(
    _ specification: ProcessSpecification, standardOutput: Int32
  ) throws(ProcessError) -> pid_t {
    let path = try resolve(specification)
    guard isFolder(specification.workingDirectory) else {
      throw ProcessError("the working directory \(specification.workingDirectory) does not exist")
    }
    var actions = posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, standardOutput, 2)
    // Closes what was opened without O_CLOEXEC somewhere in this program.
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    unsafe posix_spawn_file_actions_addchdir_np(&actions, specification.workingDirectory)

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    let newSession = 0x80  // POSIX_SPAWN_SETSID, which the module map of glibc does not carry
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(newSession | Int(POSIX_SPAWN_SETSIGDEF) | Int(POSIX_SPAWN_SETSIGMASK)))

    let arguments = [specification.executable] + specification.arguments
    let environment = specification.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if let bad = (arguments + environment).first(where: { $0.utf8.contains(0) }) {
      throw ProcessError("an argument or variable holds a zero byte: \(bad.debugDescription.prefix(80))")
    }
    var pid = pid_t(0)
    let failure = unsafe withCStrings(arguments) { argv in
      unsafe withCStrings(environment) { envp in
        unsafe posix_spawn(&pid, path, &actions, &attributes, argv, envp)
      }
    }
    guard failure == 0 else { throw ProcessError("cannot start \(path): \(Errno.text(failure))") }
    return pid
  }

  private static func resolve(_ specification: ProcessSpecification) throws(ProcessError) -> String {
    let name = specification.executable
    if name.contains("/") {
      let path = name.hasPrefix("/") ? name : specification.workingDirectory + "/" + name
      guard access(path, F_OK) == 0 else { throw ProcessError("exec: \"\(path)\": no such file or directory") }
      guard access(path, X_OK) == 0, !isFolder(path) else {
        throw ProcessError("exec: \"\(path)\": not an executable file")
      }
      return path
    }
    let folders = (specification.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for folder in folders where access("\(folder)/\(name)", X_OK) == 0 && !isFolder("\(folder)/\(name)") {
      return "\(folder)/\(name)"
    }
    throw ProcessError("exec: \"\(name)\": executable file not found in PATH")
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) } + [nil]
    defer { for pointer in unsafe pointers { unsafe free(pointer) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
      // Never empty: it ends in nil.
      unsafe buffer.baseAddress.map { unsafe body($0) } ?? unsafe body(UnsafeMutablePointer.allocate(capacity: 1))
    }
  }
}

/// The words for an error number.
package enum Errno {
  package static func text(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let message = unsafe strerror_r(number, &buffer, buffer.count)
    guard let message = unsafe message else { return "error \(number)" }
    return unsafe String(cString: message)
  }

  package static var current: String { text(errno) }
}
