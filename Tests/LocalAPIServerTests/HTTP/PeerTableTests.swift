import Testing

@testable import LocalAPIServer

@Suite struct PeerTableTests {
  private let server = PeerTable.Endpoint(address: [127, 0, 0, 1], port: 7780)
  private let client = PeerTable.Endpoint(address: [127, 0, 0, 1], port: 40000)

  @Test func ownersAreReadFromBothTables() {
    let four = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:9C40 0100007F:1E64 01 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
         1: 0100007F:1E64 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
      """
    #expect(PeerTable(tables: [four]).owner(of: client, connectedTo: server) == 1000)
    #expect(PeerTable(tables: [four]).owner(of: server, connectedTo: client) == 0)
    let six = """
        sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid
         0: 0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:1E64 01 00000000:00000000 00:00000000 00000000  42 0 1
         1: 00000000000000000000000001000000:9C41 00000000000000000000000001000000:1E64 01 00000000:00000000 00:00000000 00000000  43 0 1
      """
    #expect(PeerTable(tables: ["", six]).owner(of: client, connectedTo: server) == 42)
  }

  @Test func aSocketThatIsNotListedHasNoOwner() {
    #expect(PeerTable(tables: ["header\n", "junk junk\nx"]).owner(of: client, connectedTo: server) == nil)
  }
}
