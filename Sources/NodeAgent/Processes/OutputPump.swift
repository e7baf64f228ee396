import Glibc

/// Moves the output of one process to its receiver, until the pipe ends or the process is gone and the pipe is empty.
enum OutputPump {
  static func run(data: Int32, end: Int32, receive: (ArraySlice<UInt8>?) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var processIsGone = false
    loop: while true {
      var watched = [
        pollfd(fd: data, events: Int16(POLLIN), revents: 0),
        pollfd(fd: processIsGone ? -1 : end, events: Int16(POLLIN), revents: 0),
      ]
      let ready = unsafe poll(&watched, 2, processIsGone ? 0 : -1)
      if ready < 0, errno == EINTR { continue }
      if ready <= 0 { break }
      if watched[1].revents != 0 { processIsGone = true }
      guard watched[0].revents != 0 else { continue }
      let count = unsafe read(data, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue loop }
      if count <= 0 { break }
      receive(buffer[..<count])
    }
    close(data)
    close(end)
    receive(nil)
  }
}
