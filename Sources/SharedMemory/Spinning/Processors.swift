import CSharedMemory

/// Where the calling thread runs.
package enum Processors {
  /// The number of the processor that runs it now. Costs no system call.
  package static var current: Int32 { csm_processor() }

  /// Goes on on another processor than that one, if there is one that the thread may use.
  package static func leave(_ processor: Int32) { rest(awayFrom: processor) {} }

  /// Sleeps in `body` so that it is woken on another processor than that one, if there is one; nil for wherever the kernel
  /// likes. Nothing else may be done in there: what a thread starts inherits where it may run.
  package static func rest<Result, Failure: Error>(
    awayFrom processor: Int32?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let processor, csm_avoid_processor(processor) == 1 else { return try body() }
    defer { csm_avoid_none() }
    return try body()
  }
}
