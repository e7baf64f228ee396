import CSharedMemory
import CTampering
import Glibc
import SharedMemory

/// What may come in the place of a ring's memory, or where no descriptor belongs.
enum ForgedDescriptor: CaseIterable {
  case unsealed, partlySealed, tooLarge, tooSmall, withoutPages, withoutHeader
  case pipe, closedPipe, folder, device, file, onlyPath, bell, socket

  /// Descriptors of the kind; the first is what is meant to be sent, and all are closed by whoever has them.
  func make(_ capacity: Int) -> [OwnedDescriptor] {
    let size = 4096 + capacity
    let size2 = Int32(CSM_SEAL_GROW | CSM_SEAL_SHRINK)
    let all = size2 | Int32(CSM_SEAL_FUTURE_WRITE)
    return switch self {
    case .unsealed: [Self.memory(size, seals: 0)]
    case .partlySealed: [Self.memory(size, seals: size2)]
    case .tooLarge: [Self.memory(size + 4096, seals: all)]
    case .tooSmall: [Self.memory(512, seals: all)]
    case .withoutPages: [Self.memory(size, seals: all, hasPages: false)]
    case .withoutHeader: [Self.memory(size, seals: all)]
    case .pipe: Self.makePipe()
    case .closedPipe: [Self.makePipe()[0]]
    case .folder: [Self.opened("/tmp", O_RDONLY | O_DIRECTORY)]
    case .device: [Self.opened("/dev/zero", O_RDWR)]
    case .file: [Self.opened("/proc/self/exe", O_RDONLY)]
    case .onlyPath: unsafe [OwnedDescriptor(owning: ct_open_path("/tmp"))]
    case .bell: [OwnedDescriptor(owning: csm_event_create())]
    case .socket: [OwnedDescriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))]
    }
  }

  private static func memory(_ size: Int, seals: Int32, hasPages: Bool = true) -> OwnedDescriptor {
    let file = OwnedDescriptor(owning: unsafe csm_memory_file("forged", UInt64(size)))
    if hasPages { _ = csm_prefault(file.number, UInt64(size)) }
    _ = csm_add_seals(file.number, seals)
    return file
  }

  private static func makePipe() -> [OwnedDescriptor] {
    var ends: [Int32] = [-1, -1]
    _ = unsafe Glibc.pipe(&ends)
    return ends.map(OwnedDescriptor.init(owning:))
  }

  private static func opened(_ path: String, _ flags: Int32) -> OwnedDescriptor {
    OwnedDescriptor(owning: unsafe open(path, flags | O_CLOEXEC))
  }
}
