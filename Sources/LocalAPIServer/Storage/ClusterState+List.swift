import FoundationEssentials
import KubernetesAPI

extension ClusterState {
  func list(_ request: APIRequest, _ target: ResourceTarget, now: Date) throws -> Answer {
    let filter = try WatchFilter(request, target)
    try Self.checkListOptions(request)
    let page = try page(request, target)
    let limit = request.query["limit"].flatMap { Int($0) } ?? 0
    var items: [JSONValue] = []
    var next: ObjectKey?
    var remaining = 0
    for key in page.keys {
      guard let stored = page.objects[key] else { continue }
      let item = Self.present(stored, target.kind)
      guard filter.matches(item) else { continue }
      if limit > 0, items.count >= limit {
        remaining += 1
        continue
      }
      items.append(item)
      next = ContinueToken.after(key)
    }
    var metadata: JSONValue = ["resourceVersion": .string(String(page.revision))]
    if remaining > 0, let next {
      metadata["continue"] = .string(
        ContinueToken(revision: Int64(page.revision), start: next).text(namespace: target.namespace))
      // With a selector a real API server does not know how many there are.
      if filter.selectsAll { metadata["remainingItemCount"] = .integer(Int64(remaining)) }
    }
    let presentation = filter.presentation
    return .document(code: 200, presentation.list(items, of: target.kind, metadata: metadata, now: now))
  }

  /// What a list reads from.
  private struct Page {
    var objects: [ObjectKey: JSONValue]
    var keys: [ObjectKey]
    var revision: UInt64
  }

  private func page(_ request: APIRequest, _ target: ResourceTarget) throws(APIStatus) -> Page {
    let version = request.query["resourceVersion"] ?? ""
    let token = request.query["continue"] ?? ""
    var page = Page(objects: objects[target.kind.storage] ?? [:], keys: [], revision: revision)
    var start: ObjectKey?
    if !token.isEmpty {
      if !version.isEmpty, version != "0" {
        throw .badRequest("specifying resource version is not allowed when using continue")
      }
      let parsed = try ContinueToken(token, target)
      start = parsed.start
      // Of a token that came with an expiry the rest is read as it is now.
      if parsed.revision > 0 {
        page.revision = UInt64(parsed.revision)
        guard page.revision >= oldestRevision, page.revision <= revision else {
          throw .continueExpired(ContinueToken(revision: -1, start: parsed.start).text(namespace: target.namespace))
        }
      }
    } else {
      let asked = try checkVersion(version)
      let isPaged = (request.query["limit"].flatMap { Int($0) } ?? 0) > 0
      // Without a match, a page is read at exactly the version that it names.
      let isExact =
        request.query["resourceVersionMatch"].map { $0 == "Exact" } ?? (isPaged && asked > 0)
      if isExact {
        guard asked >= oldestRevision else { throw .expired("The resourceVersion for the provided list is too old.") }
        page.revision = asked
      }
    }
    if page.revision < revision { page.objects = objects(target.kind.storage, at: page.revision) }
    page.keys = page.objects.keys.filter { key in
      (target.namespace == nil || key.namespace == target.namespace) && (start.map { key >= $0 } ?? true)
    }.sorted()
    return page
  }

  /// The objects as they were at a revision that the history reaches back to.
  private func objects(_ storage: StorageKey, at revision: UInt64) -> [ObjectKey: JSONValue] {
    var objects = self.objects[storage] ?? [:]
    for change in history.reversed() {
      if change.revision <= revision { break }
      if change.storage == storage { objects[change.key] = change.old }
    }
    return objects
  }

  /// Throws for a version that is none, or that is not there yet.
  @discardableResult
  func checkVersion(_ text: String) throws(APIStatus) -> UInt64 {
    if text.isEmpty { return 0 }
    guard let version = UInt64(text) else {
      throw .badRequest(
        "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
    }
    if version > revision {
      throw APIStatus(
        message: "Timeout: Too large resource version: \(version), current: \(revision)", reason: "Timeout",
        details: .init(
          causes: [.init(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
          retryAfterSeconds: 1), code: 504)
    }
    return version
  }

  private static func checkListOptions(_ request: APIRequest) throws(APIStatus) {
    let match = request.query["resourceVersionMatch"] ?? ""
    let version = request.query["resourceVersion"] ?? ""
    var errors: [FieldError] = []
    func forbid(_ field: String, _ detail: String) { errors.append(.forbidden(field, detail)) }
    if !match.isEmpty {
      let field = "resourceVersionMatch"
      if version.isEmpty { forbid(field, "resourceVersionMatch is forbidden unless resourceVersion is provided") }
      if !(request.query["continue"] ?? "").isEmpty {
        forbid(field, "resourceVersionMatch is forbidden when continue is provided")
      }
      if !["Exact", "NotOlderThan"].contains(match) {
        errors.append(.notSupported(field, .string(match), supported: ["Exact", "NotOlderThan", ""]))
      }
      if match == "Exact", version == "0" {
        forbid(field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")
      }
    }
    if request.flag("sendInitialEvents") {
      forbid("sendInitialEvents", "sendInitialEvents is forbidden for list")
    }
    if !errors.isEmpty { throw WriteOptions.invalid("ListOptions", errors) }
  }
}
