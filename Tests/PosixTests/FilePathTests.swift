import Testing

@testable import Posix

@Suite struct FilePathTests {
  @Test(arguments: [
    ("/a/b", "/a", "b"), ("/a", "/", "a"), ("/", "/", ""), ("a", "", "a"), ("a/b", "a", "b"), ("a/b/", "a", "b"),
    ("/a//b", "/a", "b"), ("//a", "/", "a"), ("", "", ""), ("./a", ".", "a"), ("/a/b.c", "/a", "b.c"),
  ])
  func `paths come apart`(path: String, folder: String, name: String) {
    #expect(FilePath.folder(of: path) == folder)
    #expect(FilePath.name(of: path) == name)
  }
}
