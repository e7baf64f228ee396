import CCurl
import FoundationEssentials

/// libcurl's handle of one transfer. Used on the thread of `TransferLoop` only.
@safe
final class CurlEasy {
  let handle: UnsafeMutableRawPointer
  let transfer: Transfer
  private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
  /// libcurl writes the details of a failure here.
  private let problem: UnsafeMutablePointer<CChar>

  init(_ transfer: Transfer) throws(TransferError) {
    guard let handle = unsafe curl_easy_init() else { throw .setup("libcurl could not create a request") }
    unsafe self.handle = handle
    self.transfer = transfer
    unsafe problem = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try configure(transfer.specification)
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    while let list = unsafe lists.popLast() { unsafe curl_slist_free_all(list) }
    unsafe problem.deallocate()
  }

  /// Lets a paused transfer go on.
  func resume() { _ = unsafe curl_easy_pause(handle, ccurl_continue) }

  func result(_ code: CURLcode) -> Result<Void, TransferError> {
    guard code != CURLE_OK else { return .success(()) }
    let detail = unsafe String(cString: problem)
    let generic = unsafe String(cString: curl_easy_strerror(code))
    return .failure(TransferError(code, detail.isEmpty ? generic : detail))
  }

  // MARK: - Options of each kind

  func set(_ option: CURLoption, _ value: Int) throws(TransferError) {
    try check(unsafe ccurl_set_long(handle, option, value), option)
  }

  func set(_ option: CURLoption, _ value: String) throws(TransferError) {
    try check(unsafe ccurl_set_string(handle, option, value), option)
  }

  func clear(_ option: CURLoption) throws(TransferError) {
    try check(unsafe ccurl_set_string(handle, option, nil), option)
  }

  /// libcurl copies the bytes.
  func set(_ option: CURLoption, blob data: Data) throws(TransferError) {
    let code = unsafe data.withUnsafeBytes { bytes in
      unsafe ccurl_set_blob(handle, option, bytes.baseAddress, bytes.count)
    }
    try check(code, option)
  }

  func set(body data: Data) throws(TransferError) {
    let code = unsafe data.withUnsafeBytes { bytes in unsafe ccurl_set_body(handle, bytes.baseAddress, bytes.count) }
    try check(code, CURLOPT_COPYPOSTFIELDS)
  }

  func set(_ option: CURLoption, list lines: [String]) throws(TransferError) {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines {
      guard let longer = unsafe curl_slist_append(list, line) else {
        unsafe curl_slist_free_all(list)
        throw .setup("out of memory")
      }
      unsafe list = longer
    }
    if let list = unsafe list { unsafe lists.append(list) }
    try check(unsafe ccurl_set_list(handle, option, list), option)
  }

  /// Where libcurl puts error text, and what it calls with header lines and bytes.
  func setCallbacks() throws(TransferError) {
    try check(unsafe ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, problem), CURLOPT_ERRORBUFFER)
    let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
    try check(unsafe ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context), CURLOPT_HEADERDATA)
    try check(unsafe ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context), CURLOPT_WRITEDATA)
    let header = unsafe ccurl_set_data_function(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
      let length = size * count
      guard let context = unsafe context, let data = unsafe data else { return 0 }
      let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      let line = unsafe String(decoding: UnsafeRawBufferPointer(start: data, count: length), as: UTF8.self)
      return transfer.headerLineArrived(line) ? length : length &- 1
    }
    try check(header, CURLOPT_HEADERFUNCTION)
    let write = unsafe ccurl_set_data_function(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
      let length = size * count
      guard let context = unsafe context, let data = unsafe data else { return 0 }
      let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: data, count: length))
      return transfer.bytesArrived(bytes) ? length : ccurl_pause
    }
    try check(write, CURLOPT_WRITEFUNCTION)
  }

  private func check(_ code: CURLcode, _ option: CURLoption) throws(TransferError) {
    guard code != CURLE_OK else { return }
    let text = unsafe String(cString: curl_easy_strerror(code))
    throw .setup("libcurl refused option \(option.rawValue): \(text)")
  }
}
