import Testing

@testable import LocalAPIServer

@Suite struct QueryTests {
  @Test func takesFormsApart() {
    let query = APIResponder.query("labelSelector=app+in+%28a%2Cb%29&limit=500&watch&fieldSelector=a%3Db%2B")
    #expect(
      query == ["labelSelector": "app in (a,b)", "limit": "500", "watch": "", "fieldSelector": "a=b+"])
  }
}
