import Foundation
import Hummingbird
import KubernetesAPI
import NIOCore

/// The stream of a watch: one line for each event.
struct WatchBody: Sendable {
  let core: ServerCore
  let subscription: WatchSubscription
  let id: UInt64

  func response(to request: Request) -> ResponseBody {
    ResponseBody { writer in
      defer { core.endWatch(id) }
      try await request.body.consumeWithInboundCloseHandler { _ in
        try await stream(to: &writer)
      } onInboundClosed: {
        subscription.close()
      }
      try await writer.finish(nil)
    }
  }

  @concurrent private func stream(to writer: inout any ResponseBodyWriter) async throws {
    let plan = subscription.plan
    var isFirst = true
    var lines = ""
    func add(_ type: String, _ object: JSONValue) {
      let shown = plan.filter.presentation.event(object, of: plan.filter.kind, isFirst: isFirst, now: Date())
      isFirst = false
      lines += WatchPlan.line(type, shown).canonicalText + "\n"
    }
    for object in plan.initial { add("ADDED", object) }
    for change in plan.missed {
      if let event = plan.filter.event(for: change) { add(event.type, event.object) }
    }
    if plan.marksInitialEnd {
      lines += plan.bookmark(at: plan.revision, endsInitial: true).canonicalText + "\n"
    }
    if let failure = plan.failure { lines += WatchPlan.line("ERROR", failure.document).canonicalText + "\n" }
    if !lines.isEmpty { try await writer.write(ByteBuffer(string: lines)) }

    for await item in subscription.items {
      lines = ""
      switch item {
      case .change(let change):
        if let event = plan.filter.event(for: change) { add(event.type, event.object) }
      case .bookmark(let revision): lines = plan.bookmark(at: revision).canonicalText + "\n"
      }
      if !lines.isEmpty { try await writer.write(ByteBuffer(string: lines)) }
    }
    if subscription.hasOverflown {
      let status = APIStatus.expired(
        "the watch fell more than \(WatchSubscription.bufferLimit) events behind; list again")
      try await writer.write(ByteBuffer(string: WatchPlan.line("ERROR", status.document).canonicalText + "\n"))
    }
  }
}
