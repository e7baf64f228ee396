/// The pod's sessions, found by the key that the pod gave them, or by their names, which is what others know.
package struct SessionTable: Sendable {
  package typealias Key = SlotTable<PodSession>.Key

  private var slots = SlotTable<PodSession>()
  private var keys: [String: Key] = [:]

  package var count: Int { slots.count }
  package var isEmpty: Bool { slots.isEmpty }
  package var values: some Sequence<PodSession> { slots.values }

  /// Takes in a session whose name no other has.
  mutating func insert(_ session: consuming PodSession) -> Key {
    let name = session.name
    let key = slots.insert(consume session)
    keys[name] = key
    return key
  }

  @discardableResult
  mutating func remove(_ key: Key) -> PodSession? {
    guard let session = slots.remove(key) else { return nil }
    keys[session.name] = nil
    return session
  }

  package func key(_ name: String) -> Key? { keys[name] }

  /// The session, not copied.
  package subscript(key: Key) -> PodSession? {
    @inline(__always) _read { yield slots[key] }
  }

  /// Changes a session in its place; nil when there is none.
  @discardableResult
  @inline(__always)
  mutating func change<Result>(_ key: Key, _ body: (inout PodSession) -> Result) -> Result? { slots.change(key, body) }

  package subscript(name: String) -> PodSession? {
    keys[name].flatMap { slots[$0] }
  }
}
