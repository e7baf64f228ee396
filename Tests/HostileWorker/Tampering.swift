import CSharedMemory
import CTampering
import Glibc
import SharedMemory

/// All ways that are known to change memory which a process was given to read.
struct Tampering {
  private let file: OwnedDescriptor
  private let size: Int
  private let offset: Int
  private let segment: MemorySegment
  private let before: [UInt8]

  init(_ file: OwnedDescriptor, size: Int, at offset: Int) throws(SystemError) {
    self.file = file
    self.size = size
    self.offset = offset
    segment = try MemorySegment.adopt(OwnedDescriptor(owning: dup(file.number)), size: size, access: .reading)
    before = try segment.read(offset: 0, length: size)
  }

  var hasChanged: Bool {
    csm_size(file.number) != Int64(size) || (try? segment.read(offset: 0, length: size)) != before
  }

  /// Tries one after the other; answers each way's name and whether the kernel let it.
  func attempts() -> [(way: String, hasSucceeded: Bool)] {
    onDescriptor(file.number, "") + [("map it writable", isMapped(file.number, PROT_READ | PROT_WRITE))]
      + onMapping() + reopened()
      + [("change its seals", csm_add_seals(file.number, Int32(CSM_SEAL_SHRINK)) == 0)]
  }

  private func onDescriptor(_ number: Int32, _ how: String) -> [(String, Bool)] {
    let byte: [UInt8] = [255]
    return unsafe [
      ("write\(how)", pwrite(number, byte, 1, off_t(offset)) >= 0),
      ("cut it\(how)", ftruncate(number, 0) == 0),
      ("cut a page of it\(how)", ftruncate(number, off_t(size - MemorySegment.pageSize)) == 0),
      ("lengthen it\(how)", ftruncate(number, off_t(size + MemorySegment.pageSize)) == 0),
      ("allocate behind it\(how)", ct_allocate(number, Int64(size), Int64(MemorySegment.pageSize))),
      ("make a hole\(how)", ct_punch_hole(number, Int64(size))),
      ("zero it\(how)", ct_zero(number, Int64(size))),
    ]
  }

  /// What can be tried with a mapping for reading.
  private func onMapping() -> [(String, Bool)] {
    guard let address = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, file.number, 0), unsafe address != MAP_FAILED
    else { return [("map it for reading", true)] }
    defer { unsafe munmap(address, size) }
    let memory = unsafe open("/proc/self/mem", O_RDWR | O_CLOEXEC)
    defer { if memory >= 0 { close(memory) } }
    let byte: [UInt8] = [255]
    let place = Int(bitPattern: address) + offset
    // The mapping is as long as the segment.
    let written = unsafe pwrite(memory, byte, 1, off_t(place))
    return unsafe [
      ("make a mapping writable", mprotect(address, size, PROT_READ | PROT_WRITE) == 0),
      ("take pages away", madvise(address, size, MADV_REMOVE) == 0),
      ("write through /proc/self/mem", written >= 0),
      ("write with process_vm_writev", ct_write_as_debugger(address + offset, 255)),
    ]
  }

  /// A descriptor of its own, with a mode of its own.
  private func reopened() -> [(String, Bool)] {
    let path = "/proc/self/fd/\(file.number)"
    let again = unsafe open(path, O_RDWR | O_CLOEXEC)
    defer { if again >= 0 { close(again) } }
    let emptied = unsafe open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    defer { if emptied >= 0 { close(emptied) } }
    let reopened = " reopened"
    return onDescriptor(again, reopened) + [
      ("map it writable\(reopened)", isMapped(again, PROT_READ | PROT_WRITE)),
      ("empty it with its opening", emptied >= 0 && csm_size(file.number) != Int64(size)),
    ]
  }

  private func isMapped(_ number: Int32, _ protection: Int32) -> Bool {
    let address = unsafe mmap(nil, size, protection, MAP_SHARED, number, 0)
    guard unsafe address != MAP_FAILED else { return false }
    unsafe munmap(address, size)
    return true
  }
}
