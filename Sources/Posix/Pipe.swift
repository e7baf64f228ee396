import Glibc

/// A pipe: what is written to one end is read from the other.
package struct Pipe: Sendable {
  package let reading: OpenFile
  package let writing: OpenFile

  package init() throws(PosixError) {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw PosixError("make a pipe", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    reading = OpenFile(owning: ends[0], name: "a pipe")
    writing = OpenFile(owning: ends[1], name: "a pipe")
  }
}
