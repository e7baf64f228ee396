/// Replaces a container's mount paths by the folders that hold its volumes.
///
/// There are no mount namespaces here, so a container that looks for `/var/run/pheromone` has to be told where that is.
/// A mount path is replaced where it stands as a path or the beginning of one: not in the middle of a longer name.
package struct PathMapping: Sendable, Hashable {
  /// Longest mount path first, so that a mount inside another one wins.
  private let mounts: [(path: [UInt8], folder: [UInt8])]

  package init(_ mounts: [(path: String, folder: String)]) {
    self.mounts =
      mounts
      .map { mount in (Array(Self.withoutTrailingSlash(mount.path).utf8), Array(mount.folder.utf8)) }
      .filter { $0.0.count > 1 }
      .sorted { $0.0.count > $1.0.count }
  }

  package static func == (one: PathMapping, other: PathMapping) -> Bool {
    one.mounts.elementsEqual(other.mounts) { $0.path == $1.path && $0.folder == $1.folder }
  }

  package func hash(into hasher: inout Hasher) {
    for mount in mounts {
      hasher.combine(mount.path)
      hasher.combine(mount.folder)
    }
  }

  package func replace(in text: String) -> String {
    guard !mounts.isEmpty, text.utf8.contains(UInt8(ascii: "/")) else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let startsHere = index == 0 || !Self.isNameByte(bytes[index - 1]) && bytes[index - 1] != UInt8(ascii: "/")
      if startsHere, bytes[index] == UInt8(ascii: "/"), let mount = mount(at: index, in: bytes) {
        result += mount.folder
        index += mount.path.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private func mount(at index: Int, in bytes: [UInt8]) -> (path: [UInt8], folder: [UInt8])? {
    mounts.first { mount in
      guard bytes[index...].starts(with: mount.path) else { return false }
      let end = index + mount.path.count
      return end == bytes.count || !Self.isNameByte(bytes[end])
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private static func withoutTrailingSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
