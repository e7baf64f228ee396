import FoundationEssentials
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
    var lines = plan.opening(now: Date(), isFirst: &isFirst).map { $0.canonicalText + "\n" }.joined()
    if !lines.isEmpty { try await writer.write(ByteBuffer(string: lines)) }

    for await item in subscription.items {
      switch item {
      case .change(let change):
        guard let event = plan.filter.event(for: change) else { continue }
        lines = plan.line(event.type, event.object, now: Date(), isFirst: &isFirst).canonicalText + "\n"
      case .bookmark(let revision): lines = plan.bookmark(at: revision).canonicalText + "\n"
      }
      try await writer.write(ByteBuffer(string: lines))
    }
    if subscription.hasOverflown {
      let status = APIStatus.expired(
        "the watch fell more than \(WatchSubscription.bufferLimit) events behind; list again")
      try await writer.write(ByteBuffer(string: WatchPlan.line("ERROR", status.document).canonicalText + "\n"))
    }
  }
}
