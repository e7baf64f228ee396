/// Takes paths apart.
package enum FilePath {
  /// The folder that something is in: `/a/b` is in `/a`, `/a` in `/`, which is in
  /// itself; of a bare name it is empty.
  package static func folder(of path: String) -> String {
    let rest = withoutSlashes(path)
    guard let slash = rest.lastIndex(of: "/") else { return rest.isEmpty && !path.isEmpty ? "/" : "" }
    let folder = withoutSlashes(rest[..<slash])
    return folder.isEmpty ? "/" : String(folder)
  }

  /// What something is called in its folder.
  package static func name(of path: String) -> String {
    let path = withoutSlashes(path)
    return String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
  }

  private static func withoutSlashes(_ path: some StringProtocol) -> Substring {
    var path = Substring(path)
    while path.last == "/" { path.removeLast() }
    return path
  }
}
