import CSharedMemory

/// A file descriptor that is closed when nobody refers to it any more.
package final class OwnedDescriptor: Sendable {
  package let number: Int32

  package init(owning number: Int32) { self.number = number }

  deinit { csm_close(number) }
}
