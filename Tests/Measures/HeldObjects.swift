/// What a sidecar needs for objects that wait in a bucket.
package struct HeldObjects: Codable {
  package var name: String
  package var bytesEach: Int
  /// How many there are at the end.
  package var objects: Int
  /// What the sidecar's own memory grew by for each.
  package var ownBytesEach: Double
  /// The object memory in use for each, as the sidecar reports it: whole segments.
  package var objectMemoryEach: Double

  /// - Parameters:
  ///   - count: how many objects the sidecar's own memory grew for.
  ///   - ownMemory: by how much.
  ///   - objectMemory: all that is in use for `objects`.
  package init(name: String, bytesEach: Int, count: Int, ownMemory: Int, objectMemory: Int, objects: Int) {
    self.name = name
    self.bytesEach = bytesEach
    self.objects = objects
    ownBytesEach = Double(ownMemory) / Double(max(count, 1))
    objectMemoryEach = Double(objectMemory) / Double(max(objects, 1))
  }

  /// The share of the object memory in use that holds no object.
  package var fragmentation: Double {
    objectMemoryEach > 0 ? max(0, 1 - Double(bytesEach) / objectMemoryEach) : 0
  }

  static let heading = ["objects that wait in a bucket", "number", "sidecar, each", "object memory, each", "unused"]

  var row: [String] {
    [
      "\(bytesEach) bytes each, \(name)", "\(objects)", "\(TextTable.number(ownBytesEach)) B",
      "\(TextTable.number(objectMemoryEach)) B", TextTable.share(fragmentation),
    ]
  }
}
