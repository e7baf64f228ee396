import FoundationEssentials
import KubernetesAPI

/// Which objects a list or watch shows, and how.
struct WatchFilter: Sendable {
  var kind: KindDefinition
  var namespace: String?
  var name: String?
  var labels: LabelSelector
  var fields: FieldSelector
  var presentation: Presentation

  init(_ request: APIRequest, _ target: ResourceTarget) throws(APIStatus) {
    kind = target.kind
    namespace = target.namespace
    name = target.name
    labels = try LabelSelector(request.query["labelSelector"] ?? "")
    fields = try FieldSelector(request.query["fieldSelector"] ?? "", kind: target.kind)
    presentation = Presentation(accept: request.accept, includeObject: request.query["includeObject"])
  }

  /// Whether there is no selector.
  var selectsAll: Bool { labels.requirements.isEmpty && fields.terms.isEmpty }

  func matches(_ object: JSONValue) -> Bool { labels.matches(object) && fields.matches(object) }

  /// The event that a change means to this watch: an object that begins to match was added, one that no longer
  /// matches was deleted.
  func event(for change: Change) -> (type: String, object: JSONValue)? {
    guard change.storage == kind.storage, namespace == nil || change.key.namespace == namespace,
      name == nil || change.key.name == name
    else { return nil }
    let new = ClusterState.present(change.new, kind)
    let before = change.old.map { matches(ClusterState.present($0, kind)) } ?? false
    let after = change.kind != .deleted && matches(new)
    switch (before, after) {
    case (false, false): return nil
    case (false, true): return ("ADDED", new)
    case (true, true): return ("MODIFIED", new)
    case (true, false): return ("DELETED", new)
    }
  }
}

/// How a watch begins and goes on.
struct WatchPlan: Sendable {
  var filter: WatchFilter
  /// The objects that are there, each to be announced as added.
  var initial: [JSONValue] = []
  /// Changes since the revision that the client knows.
  var missed: [Change] = []
  /// Ends the watch at once.
  var failure: APIStatus?
  /// The revision that `initial` and `missed` lead to.
  var revision: UInt64
  /// A bookmark that says that the initial objects are complete.
  var marksInitialEnd = false
  var sendsBookmarks = false
  var timeout: Duration

  /// One line of the stream.
  static func line(_ type: String, _ object: JSONValue) -> JSONValue { ["type": .string(type), "object": object] }

  /// What the stream begins with. `isFirst` says whether no object has been shown yet: a table names its columns once.
  func opening(now: Date, isFirst: inout Bool) -> [JSONValue] {
    var lines: [JSONValue] = []
    for object in initial { lines.append(line("ADDED", object, now: now, isFirst: &isFirst)) }
    for change in missed {
      guard let event = filter.event(for: change) else { continue }
      lines.append(line(event.type, event.object, now: now, isFirst: &isFirst))
    }
    if marksInitialEnd { lines.append(bookmark(at: revision, endsInitial: true)) }
    if let failure { lines.append(Self.line("ERROR", failure.document)) }
    return lines
  }

  /// An event as the client wants it presented.
  func line(_ type: String, _ object: JSONValue, now: Date, isFirst: inout Bool) -> JSONValue {
    defer { isFirst = false }
    return Self.line(type, filter.presentation.event(object, of: filter.kind, isFirst: isFirst, now: now))
  }

  func bookmark(at revision: UInt64, endsInitial: Bool = false) -> JSONValue {
    var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
    if endsInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    if case .table = filter.presentation {
      return Self.line(
        "BOOKMARK",
        [
          "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": ["resourceVersion": .string(String(revision))],
          "columnDefinitions": .null,
          "rows": [
            [
              "cells": [],
              "object": ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata],
            ]
          ],
        ])
    }
    return Self.line(
      "BOOKMARK",
      [
        "apiVersion": .string(filter.kind.type.apiVersion), "kind": .string(filter.kind.type.kind),
        "metadata": metadata,
      ])
  }
}

extension ClusterState {
  func watchPlan(_ request: APIRequest, _ target: ResourceTarget) throws(APIStatus) -> WatchPlan {
    let filter = try WatchFilter(request, target)
    let seconds = request.query["timeoutSeconds"].flatMap { Int($0) } ?? 1800
    var plan = WatchPlan(filter: filter, revision: revision, timeout: .seconds(max(1, seconds)))
    plan.sendsBookmarks = request.flag("allowWatchBookmarks")
    let from = request.query["resourceVersion"] ?? ""
    let sendsInitial = request.query["sendInitialEvents"].map { _ in request.flag("sendInitialEvents") }
    if sendsInitial != nil, request.query["resourceVersionMatch"] != "NotOlderThan" {
      throw .invalid(
        kindName: "ListOptions.meta.k8s.io", group: "meta.k8s.io", kind: "ListOptions", name: "",
        [.forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")])
    }
    if sendsInitial == true || (sendsInitial == nil && (from.isEmpty || from == "0")) {
      let all = objects[target.kind.storage] ?? [:]
      plan.initial = all.keys.filter {
        (target.namespace == nil || $0.namespace == target.namespace) && (target.name == nil || $0.name == target.name)
      }.sorted().compactMap { key in
        all[key].map { Self.present($0, target.kind) }
      }.filter(filter.matches)
      plan.marksInitialEnd = sendsInitial == true && plan.sendsBookmarks
    } else if !from.isEmpty, from != "0" {
      guard let start = UInt64(from) else {
        throw .badRequest(
          "invalid resource version \"\(from)\": strconv.ParseUint: parsing \"\(from)\": invalid syntax")
      }
      if start < oldestRevision {
        plan.failure = .expired("too old resource version: \(start) (\(oldestRevision))")
      } else {
        plan.missed = history.filter { $0.revision > start }
      }
    }
    return plan
  }
}
