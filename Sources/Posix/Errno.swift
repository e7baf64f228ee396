import Glibc

/// The words for an error number.
package enum Errno {
  package static func text(_ number: Int32) -> String {
    // The C library keeps these texts for each thread by itself, and this one is copied at once.
    unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
  }

  package static var current: String { text(errno) }
}
