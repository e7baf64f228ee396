import CCurl

/// libcurl's multi handle.
///
/// Unchecked: the pointer never changes; all its uses are on the thread of `TransferLoop`, but for `wakeUp`, which
/// libcurl documents as callable from any thread, and the clean-up, which runs when nobody holds this object any more.
@safe
final class CurlMulti: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  /// `curl_global_init` once for the process, before the first handle.
  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  init() throws(TransferError) {
    guard Self.isReady, let handle = unsafe curl_multi_init() else {
      throw .setup("libcurl could not be initialised")
    }
    unsafe self.handle = handle
    // CURLPIPE_MULTIPLEX: requests to one server share an HTTP/2 connection where it is offered.
    _ = unsafe ccurl_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    _ = unsafe ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, 32)
  }

  deinit { _ = unsafe curl_multi_cleanup(handle) }

  func wakeUp() { _ = unsafe curl_multi_wakeup(handle) }

  func add(_ easy: CurlEasy) throws(TransferError) {
    guard unsafe curl_multi_add_handle(handle, easy.handle) == CURLM_OK else {
      throw .setup("libcurl refused the request")
    }
  }

  func remove(_ easy: CurlEasy) { _ = unsafe curl_multi_remove_handle(handle, easy.handle) }

  func perform() {
    var running: Int32 = 0
    _ = unsafe curl_multi_perform(handle, &running)
  }

  /// Waits for network activity, a wake-up, or a timer of libcurl.
  func poll() { _ = unsafe curl_multi_poll(handle, nil, 0, 10_000, nil) }

  func nextDone(
    among active: [ObjectIdentifier: CurlEasy]
  ) -> (easy: CurlEasy, result: Result<Void, TransferError>)? {
    var code = CURLE_OK
    while let pointer = unsafe ccurl_next_done(handle, &code) {
      if let easy = active.values.first(where: { unsafe $0.handle == pointer }) { return (easy, easy.result(code)) }
    }
    return nil
  }
}
