package import KubernetesAPI

extension KubernetesClient {
  /// Objects per page of a list.
  static let pageSize = 500
  /// More than this many pages are no list that this program can hold.
  static let maximumPages = 1000

  /// All objects of a type; a nil namespace means all namespaces. Read page by page from one version of the data; if
  /// the server forgets that version on the way, the list begins again, at last in one piece.
  package func list(
    _ type: ResourceType, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil
  ) async throws -> ObjectList {
    let query = Self.selectors(labelSelector, fieldSelector)
    do {
      return try await listPages(type, namespace: namespace, query: query + [("limit", String(Self.pageSize))])
    } catch let error as KubernetesError where error.isExpired {
      return try await listPages(type, namespace: namespace, query: query)
    }
  }

  /// What happens to the objects of a type after a version; a nil namespace means all namespaces.
  package func watch(
    _ type: ResourceType, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
    resourceVersion: String, timeout: Duration = .seconds(300)
  ) -> WatchStream {
    let query =
      Self.selectors(labelSelector, fieldSelector) + [
        ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
        ("timeoutSeconds", String(max(1, timeout.components.seconds))),
      ]
    // The server ends the watch; the client's limit is for a server that went away without a word.
    let limits = HTTPRequest.Limits(overall: timeout + .seconds(30), silence: nil)
    let request = HTTPRequest(path: type.path(namespace: namespace), query: query, limits: limits)
    return WatchStream(chunks: stream(request), type: type) { [explainer] detail in
      explainer.malformed(detail, method: request.method, path: request.path)
    }
  }

  private func listPages(
    _ type: ResourceType, namespace: String?, query: [(name: String, value: String)]
  ) async throws -> ObjectList {
    var list = ObjectList(items: [], resourceVersion: "")
    var next: String?
    for _ in 0..<Self.maximumPages {
      let request = HTTPRequest(
        path: type.path(namespace: namespace), query: query + (next.map { [("continue", $0)] } ?? []))
      let page = try parse(try await sendChecked(request).body, request)
      guard let items = page["items"]?.arrayValue ?? (page["items"]?.isNull == true ? [] : nil) else {
        throw explainer.malformed("the answer is not a list", method: request.method, path: request.path)
      }
      list.items += items.map { Self.complete($0, type) }
      list.resourceVersion = page[path: "metadata", "resourceVersion"]?.stringValue ?? ""
      next = page[path: "metadata", "continue"]?.stringValue
      if next?.isEmpty ?? true { return list }
    }
    throw KubernetesError(
      .tooLarge, message: "the list of \(type.plural) has more than \(Self.maximumPages) pages; narrow it")
  }

  /// In lists of built-in types the items leave out what the list's own kind says.
  private static func complete(_ item: JSONValue, _ type: ResourceType) -> KubernetesObject {
    var object = KubernetesObject(item)
    if object.kind.isEmpty {
      object.document["kind"] = .string(type.kind)
      object.document["apiVersion"] = .string(type.apiVersion)
    }
    return object
  }

  private static func selectors(_ labels: String?, _ fields: String?) -> [(name: String, value: String)] {
    var query: [(name: String, value: String)] = []
    if let labels, !labels.isEmpty { query.append(("labelSelector", labels)) }
    if let fields, !fields.isEmpty { query.append(("fieldSelector", fields)) }
    return query
  }
}
