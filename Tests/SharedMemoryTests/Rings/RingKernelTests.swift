import CSharedMemory
import Glibc
import Testing

@testable import SharedMemory

/// What the kernel refuses to a process that has a ring's descriptor, and what this process refuses to take.
@Suite struct RingKernelTests {
  private func duplicate(_ descriptor: Int32) -> OwnedDescriptor { OwnedDescriptor(owning: dup(descriptor)) }

  @Test func aPeerCannotWrite() throws {
    let side = try RingSide(capacity: 4096)
    let size = RingLayout.bytes + side.capacity
    var address: UnsafeMutableRawPointer?
    #expect(unsafe csm_map(side.descriptor, UInt64(size), 1, &address) == -EPERM)
    #expect(unsafe write(side.descriptor, "x", 1) == -1)
    #expect(ftruncate(side.descriptor, 0) == -1)
    #expect(ftruncate(side.descriptor, size * 2) == -1)
    #expect(csm_prefault(side.descriptor, UInt64(size) * 2) == -EPERM)
    #expect(csm_add_seals(side.descriptor, Int32(CSM_SEAL_GROW)) == -EPERM)
    let peer = try RingPeer(adopting: duplicate(side.descriptor))
    #expect(unsafe mprotect(peer.words.base, size, PROT_READ | PROT_WRITE) == -1)
    // Taking pages away, so that the peer's next access would have to allocate one.
    #expect(unsafe madvise(side.words.base, size, MADV_REMOVE) == -1)
    // A way around the descriptor's own mode.
    let again = unsafe open("/proc/self/fd/\(side.descriptor)", O_RDWR)
    if again >= 0 {
      #expect(unsafe csm_map(again, UInt64(size), 1, &address) == -EPERM)
      close(again)
    }
  }

  @Test(arguments: [0, 4095, 4096 + 512, 6000, 32 << 20, -1, Int.min])
  func capacitiesThatNoRingHas(capacity: Int) {
    #expect(throws: SystemError.self) { try RingSide(capacity: capacity).descriptor }
  }

  @Test func whatIsNoRingIsNotTaken() throws {
    let size = RingLayout.bytes + 4096
    let all = Int32(CSM_SEAL_GROW | CSM_SEAL_SHRINK | CSM_SEAL_FUTURE_WRITE)
    func refuses(_ reason: String, _ file: OwnedDescriptor) {
      let error = #expect(throws: SystemError.self) { _ = try RingPeer(adopting: file) }
      #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
    func file(_ size: Int, isAllocated: Bool = true, seals: Int32 = all) -> OwnedDescriptor {
      let file = OwnedDescriptor(owning: unsafe csm_memory_file("test", UInt64(size)))
      if isAllocated { _ = csm_prefault(file.number, UInt64(size)) }
      _ = csm_add_seals(file.number, seals)
      return file
    }
    let disk = OwnedDescriptor(owning: unsafe open("/proc/self/exe", O_RDONLY))
    refuses("no memory file", disk)
    refuses("no memory file", OwnedDescriptor(owning: csm_event_create()))
    refuses("not sealed", file(size, seals: Int32(CSM_SEAL_GROW | CSM_SEAL_SHRINK)))
    refuses("not sealed", file(size, seals: Int32(CSM_SEAL_FUTURE_WRITE)))
    refuses("no ring has", file(size - 1))
    refuses("no ring has", file(4096))
    refuses("allocated", file(size, isAllocated: false))
    refuses("does not begin", file(size))
  }

  @Test func headersThatSayOtherwise() {
    let right = RingLayout.Header(capacity: 4096)
    #expect(right.objection(capacity: 4096) == nil)
    #expect(right.objection(capacity: 8192)?.contains("4096") == true)
    var header = right
    header.version = 2
    #expect(header.objection(capacity: 4096)?.contains("version") == true)
    header = right
    header.offset = 64
    #expect(header.objection(capacity: 4096)?.contains("begin at 64") == true)
  }
}
