import Glibc
import SharedMemory

/// A worker process that dies, or tries to change what it was lent, when a test wants it to.
///
/// usage: hostile-worker SOCKET die POINT ROUND rings|socket | hostile-worker SOCKET read
@main enum HostileWorker {
  static func main() {
    do {
      let words = Array(CommandLine.arguments.dropFirst())
      if words.count == 5, words[1] == "die", let point = KillPoint(rawValue: words[2]), let round = Int(words[3]) {
        var worker = KilledWorker(try UnixSocket.connect(path: words[0]), point: point, round: round)
        try worker.run(usesRings: words[4] == "rings")
      } else if words.count == 2, words[1] == "read" {
        try CuriousReader.run(socket: words[0])
      } else {
        throw SystemError(
          "read the arguments",
          reason: "usage: hostile-worker SOCKET die POINT ROUND rings|socket | hostile-worker SOCKET read")
      }
    } catch {
      print("\(error)")
      exit(1)
    }
  }
}
