/// Which folder of executables stands for which image.
///
/// A key is an image without its tag, or a prefix that ends in `/*`. The longest key that fits wins.
package struct ImageMap: Sendable, Hashable {
  package var folders: [String: String]

  package init(folders: [String: String] = [:]) { self.folders = folders }

  /// The image without tag and digest.
  package static func repository(of image: String) -> String {
    var name = image[...]
    if let at = name.firstIndex(of: "@") { name = name[..<at] }
    let lastPart = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    if let colon = name[lastPart...].firstIndex(of: ":") { name = name[..<colon] }
    return String(name)
  }

  package func folder(of image: String) -> String? {
    let repository = Self.repository(of: image)
    if let exact = folders[image] ?? folders[repository] { return exact }
    return folders.filter { $0.key.hasSuffix("/*") && repository.hasPrefix($0.key.dropLast()) }
      .max { $0.key.count < $1.key.count }?.value
  }

  /// The entry point of an image: the executable in its folder that is called as the last part of the image's name.
  package func entryPoint(of image: String) throws(StartFailure) -> String {
    guard let folder = folder(of: image) else {
      throw StartFailure(
        .imagePull,
        "image \"\(image)\" is not in the image map; stop the cluster (pheromone cluster stop) and start it with "
          + "--image \(Self.repository(of: image))=FOLDER, where FOLDER holds its executables")
    }
    let name = Self.repository(of: image).split(separator: "/").last.map(String.init) ?? image
    return folder + "/" + name
  }
}
