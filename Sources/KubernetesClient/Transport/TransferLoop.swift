import FoundationEssentials
import Posix
import Synchronization

/// Runs every transfer of a client on one thread of its own, the only one that touches libcurl's handles.
///
/// Other threads post commands and wake it; `curl_multi_wakeup` is the one call that libcurl allows from anywhere.
final class TransferLoop: Sendable {
  /// Transfers that may run at a time, watches included.
  static let maximumTransfers = 1024

  enum Command: Sendable {
    case start(Transfer)
    case resume(Transfer)
    case cancel(Transfer)
    case stop
  }

  private struct Inbox {
    var commands: [Command] = []
    var isClosed = false
  }

  private let multi: CurlMulti
  private let inbox = Mutex(Inbox())

  init() throws(TransferError) {
    multi = try CurlMulti()
    do {
      try NamedThread.start("kubernetes-client") { [self] in run() }
    } catch {
      throw .setup("\(error)")
    }
  }

  func post(_ command: Command) {
    let isClosed = inbox.withLock { inbox in
      if !inbox.isClosed { inbox.commands.append(command) }
      return inbox.isClosed
    }
    if isClosed {
      if case .start(let transfer) = command { transfer.finish(.failure(.cancelled)) }
    } else {
      multi.wakeUp()
    }
  }

  private func run() {
    var active: [ObjectIdentifier: CurlEasy] = [:]
    var isStopping = false
    while !isStopping {
      for command in takeCommands() {
        switch command {
        case .start(let transfer): start(transfer, in: &active)
        case .resume(let transfer): active[ObjectIdentifier(transfer)]?.resume()
        case .cancel(let transfer):
          if let easy = active.removeValue(forKey: ObjectIdentifier(transfer)) { multi.remove(easy) }
        case .stop: isStopping = true
        }
      }
      multi.perform()
      while let (easy, result) = multi.nextDone(among: active) {
        active[ObjectIdentifier(easy.transfer)] = nil
        multi.remove(easy)
        easy.transfer.finish(result)
      }
      if !isStopping { multi.poll() }
    }
    close(active)
  }

  private func start(_ transfer: Transfer, in active: inout [ObjectIdentifier: CurlEasy]) {
    guard !transfer.isFinished else { return }
    guard active.count < Self.maximumTransfers else {
      transfer.finish(.failure(.tooManyTransfers(limit: Self.maximumTransfers)))
      return
    }
    do throws(TransferError) {
      let easy = try CurlEasy(transfer)
      try multi.add(easy)
      active[ObjectIdentifier(transfer)] = easy
    } catch {
      transfer.finish(.failure(error))
    }
  }

  private func takeCommands() -> [Command] {
    inbox.withLock { inbox in
      defer { inbox.commands = [] }
      return inbox.commands
    }
  }

  private func close(_ active: [ObjectIdentifier: CurlEasy]) {
    let late = inbox.withLock { inbox in
      inbox.isClosed = true
      defer { inbox.commands = [] }
      return inbox.commands
    }
    for case .start(let transfer) in late { transfer.finish(.failure(.cancelled)) }
    for easy in active.values {
      multi.remove(easy)
      easy.transfer.finish(.failure(.cancelled))
    }
  }
}
