import Hummingbird
import NIOCore

/// What the responder needs to know about a request's connection.
struct ConnectionContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  var channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
