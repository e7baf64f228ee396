import NIOCore
import Synchronization

/// The open connections of a listener, so that they can be closed with it.
final class LinkSet: Sendable {
  private static let limit = 4096
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// False when there are too many already.
  func insert(_ channel: any Channel) -> Bool {
    let id = ObjectIdentifier(channel)
    let isTaken = channels.withLock { channels in
      guard channels.count < Self.limit else { return false }
      channels[id] = channel
      return true
    }
    if isTaken { channel.closeFuture.whenComplete { [self] _ in channels.withLock { _ = $0.removeValue(forKey: id) } } }
    return isTaken
  }

  func close() async {
    for channel in channels.withLock({ Array($0.values) }) { try? await channel.close() }
  }
}
