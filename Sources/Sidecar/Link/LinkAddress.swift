import NIOCore
import NIOPosix

/// Where a coordinator is to be dialled: `host:port`, `[v6]:port`, or `unix:PATH` for one on the same machine.
package enum LinkAddress: Sendable, Hashable, CustomStringConvertible {
  case network(SidecarConfiguration.HostAndPort)
  case socket(path: String)

  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty else { return nil }
      self = .socket(path: path)
    } else if let address = SidecarConfiguration.HostAndPort(text) {
      self = .network(address)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .network(let address): "\(address)"
    case .socket(let path): "unix:\(path)"
    }
  }

  func connect<Output: Sendable>(
    _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
  ) async throws -> Output {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(.seconds(5))
    return switch self {
    case .network(let address):
      try await bootstrap.connect(host: address.host, port: address.port, channelInitializer: initializer)
    case .socket(let path):
      try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initializer)
    }
  }
}
